// Package mailkit renders mails from templates and sends them over SMTP. It composes a message with
// a text and an HTML part, keeps connections to one server, and tells permanent failures from
// temporary ones.
//
// Without TLS it sends neither credentials nor, if TLS is required, mails. Line breaks and other
// control characters in what becomes a header are refused. Errors hold no address and no link, so
// that they can be logged.
//
// It must not know the words of mails, accounts, jobs or retries.
package mailkit
