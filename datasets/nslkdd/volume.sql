-- Bytes by attack type
-- connections: the columns attack, src_bytes, dst_bytes of a table or file of NSL-KDD.
SELECT
  attack,
  COUNT(*) AS connections,
  SUM(CAST(src_bytes AS BIGINT)) AS src_bytes,
  SUM(CAST(dst_bytes AS BIGINT)) AS dst_bytes,
  MAX(src_bytes) AS largest_src_bytes
FROM connections
GROUP BY attack
ORDER BY connections DESC, attack
