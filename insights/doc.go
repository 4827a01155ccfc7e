// Package insights is the domain: the people, facts and messages Salesbot
// knows, free of how they are stored, asked for or shown.
package insights
