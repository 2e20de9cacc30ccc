// Package emailaddr decides which e-mail addresses can identify an account.
//
// It must not know accounts, HTTP or messages for users.
package emailaddr
