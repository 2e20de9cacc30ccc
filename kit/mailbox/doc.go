// Package mailbox shows developers the mails of a service that sends none: it keeps the last 200 and
// serves them at /dev/mail. Previews of all mails are at /dev/mail/preview.
//
// It is for development only, because the mails have links that log in as their recipients. The
// HTML of a mail is shown in a sandboxed frame, in which scripts do not run.
package mailbox
