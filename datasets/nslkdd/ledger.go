package nslkdd

// Ledger says what was read and what is odd in it. Nothing is dropped.
type Ledger struct{}
