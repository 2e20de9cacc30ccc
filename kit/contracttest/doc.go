// Package contracttest checks a service against its OpenAPI contract, in tests.
//
// [Contract.NewTransport] fails a test on each response that the contract does not describe.
// [Contract.Main] fails a test run in which some documented status was never seen. [Requests]
// derives valid and invalid requests from the schemas. [Ownership] checks that rows are visible to
// their owner only, and only through their own parents. [Contract.CheckRules] checks the house
// rules of contracts, without a service.
//
// The package must not know any operation, schema or role of an application: the test passes the
// contract and its [Options]. Only tests import it.
package contracttest
