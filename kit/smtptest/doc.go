// Package smtptest is a mail server for tests. It keeps the mails that it receives, and fails on
// demand.
//
// It must not know how mails are made.
package smtptest
