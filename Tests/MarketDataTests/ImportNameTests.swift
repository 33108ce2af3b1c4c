import Market
import MarketData
import Testing

@Suite struct ImportNameTests {
    private func key(_ path: String, pair: String? = nil, timeframe: String? = nil) -> String {
        do throws(CandleFileName.Unclear) {
            let name = CandleFileName(path: path)
            return try name.key(pair: pair.flatMap(Pair.init), timeframe: timeframe.flatMap(Timeframe.init)).description
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        ("BTC_USDT-5m.json", "BTC/USDT 5m"), ("x/BTC_USDT-1h.json.gz", "BTC/USDT 1h"), ("ETH_BTC-1d.csv", "ETH/BTC 1d"),
        ("ETH_BTC-1d.csv.gz", "ETH/BTC 1d"), ("a/ETH_BTC-4h.feather", "ETH/BTC 4h"),
        ("futures/BTC_USDT_USDT-1h-mark.json", "BTC/USDT:USDT 1h mark"),
        ("/d/futures/BTC_USDT_USDT-8h-funding_rate.json.gz", "BTC/USDT:USDT 8h funding_rate"),
        ("BTCUSDT-1m-2024-01.zip", "BTC/USDT 1m"), ("ETHBTC-5m-2024-01-15.zip", "ETH/BTC 5m"),
        ("BTCUSDT-15m.csv", "BTC/USDT 15m"),
        ("1000SATSFDUSD-1m-2024-01.zip", "1000SATS/FDUSD 1m"),
        ("data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip", "BTC/USDT:USDT 1m futures"),
        ("data/futures/um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2024-01-02.zip", "BTC/USDT:USDT 1m mark"),
        ("data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip", "BTC/USDT 1m"),
        ("XBTUSD_60.csv", "BTC/USD 1h"), ("XDGEUR_1440.csv", "DOGE/EUR 1d"),
        ("DOTUSD-1m.csv", "DOTUSD may be DO/TUSD or DOT/USD; name it with --pair"),
        ("ABCXYZ-1m.csv", "ABCXYZ may be any pair; name it with --pair"),
        ("candles.csv", "its name tells no pair; name it with --pair"),
        ("README.md", "its name tells no pair; name it with --pair"),
    ])
    func `names tell pair and timeframe`(path: String, expected: String) {
        #expect(key(path) == expected)
    }

    @Test func `options say what names do not, and may not say otherwise`() {
        #expect(key("candles.csv", pair: "BTC/USDT", timeframe: "5m") == "BTC/USDT 5m")
        #expect(key("candles-15m.csv", pair: "BTC/USDT") == "BTC/USDT 15m")
        #expect(key("candles.csv", pair: "BTC/USDT") == "its name tells no timeframe; name it with --timeframe")
        #expect(key("candles.csv", pair: "BTC/USDT:USDT", timeframe: "1h") == "BTC/USDT:USDT 1h futures")
        #expect(key("DOTUSD-1m.csv", pair: "DOT/USD") == "DOT/USD 1m")
        #expect(key("BTCUSDT-1m.csv", pair: "ETH/USDT") == "its name says BTCUSDT, --pair says ETH/USDT")
        #expect(key("BTC_USDT-1m.csv", pair: "ETH/USDT") == "its name says BTC/USDT, --pair says ETH/USDT")
        #expect(key("BTC_USDT-1m.csv", timeframe: "5m") == "its name says 1m, --timeframe says 5m")
        // An underscore of the name may stand for another character of the pair.
        #expect(key("A_B_USDT-1m.csv", pair: "A.B/USDT") == "A.B/USDT 1m")
    }
}
