// Package pgkit holds what a store on PostgreSQL needs and no table determines.
package pgkit
