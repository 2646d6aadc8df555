-- Attack share by service and flag
-- connections: the columns service, flag, attack of a table or file of NSL-KDD.
SELECT
  service,
  flag,
  COUNT(*) AS connections,
  SUM(CASE WHEN attack <> 'normal' THEN 1 ELSE 0 END) AS attacks,
  CAST(SUM(CASE WHEN attack <> 'normal' THEN 1 ELSE 0 END) AS DOUBLE) / COUNT(*) AS attack_share
FROM connections
GROUP BY service, flag
ORDER BY connections DESC, service, flag
