// Package settingsdoc documents a table of package settings: as the example of a .env file and as a
// page in Markdown. The help text of a row is the comment of its field, which is read from the
// source.
//
// Programs that serve must not link it, because it reads Go.
package settingsdoc
