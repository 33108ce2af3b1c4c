/// Names of exchanges as they stand in configurations, venue files and `instruments.json`.
package enum ExchangeName {
    /// ccxt's and freqtrade's name of an exchange: without capitals, without dashes (`binance-usdm` of a venue file is `binanceusdm`
    /// there), and a paper venue by the one that it plays.
    package static func canonical(_ name: String) -> String {
        let name = name.lowercased()
        return (name.hasPrefix("paper-") ? String(name.dropFirst(6)) : name).filter { $0 != "-" }
    }

    /// Whether both name the same exchange; "" is none.
    package static func isSame(_ a: String, _ b: String) -> Bool { canonical(a) == canonical(b) }
}
