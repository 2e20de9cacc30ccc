package pgkit

// BatchSize is the maximum number of keys of a batch.
const BatchSize = batchSize
