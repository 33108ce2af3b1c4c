/// Kraken's protocol as pure values: requests, signatures, answers and streams. No I/O.
package enum Kraken {}
