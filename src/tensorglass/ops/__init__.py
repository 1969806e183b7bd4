"""The ops: one stanza each.  `elementwise` is the place to begin reading the library."""
