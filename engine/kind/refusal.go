package kind

// MaxRefusals is how many calls may be refused while batches are halved to find the refused changes, before the rest is given
// up. Ten refused ones among 10,000 changes take about 140.
const MaxRefusals = 200

// BlindRefusals is how many calls may be refused, with nothing ever taken, until single items are tried: either an item is refused
// in each of those calls, or it is not the items that are refused but the request as such.
const BlindRefusals = 3

// Probes is how many single items are tried then. They are chosen at random, so that the same few refused items do not come before
// the rest in every run.
const Probes = 16
