import Foundation

/// What a farm runs over.
enum Market: Hashable {
    /// Five pairs of demo candles, 60 days of 5 minutes, made by the program itself.
    case demo
    /// The candles that freqtrade's own tests use: eleven pairs, 20 days of 5 minutes, read where they are.
    case corpus

    /// The folder of the corpus: `PRAGMA_CORPUS`, or the one beside the repository; nil where there is none.
    static let corpusFolder: String? = {
        let folder =
            (ProcessInfo.processInfo.environment["PRAGMA_CORPUS"] ?? Program.packageRoot + "/../shared/corpus") + "/freqtrade"
        return FileManager.default.fileExists(atPath: folder + "/data") ? folder : nil
    }()

    /// Real candles where they are, else demo candles; says which.
    static func best(for test: String) -> Market {
        if let corpusFolder {
            print("\(test): on the candles of \(corpusFolder)/data")
            return .corpus
        }
        print("\(test): corpus absent (set PRAGMA_CORPUS), on demo candles")
        return .demo
    }
}

/// Candles and farms of the tests. Each is made once for a run.
enum Farm {
    private static let made = Once()

    /// The folder of a market's candles and instruments.
    static func candles(_ market: Market = .demo) async throws -> String { try await made.candles(market) }

    /// The leaderboard's rows from a fleet that nobody disturbed.
    static func reference(_ market: Market = .demo) async throws -> Data { try await made.reference(market) }

    /// Writes a configuration and a farm into a folder and returns the farm's path: 1,600 backtests on demo candles, 2,332 shorter ones
    /// on the corpus. A slice is about as much work on either.
    static func write(_ market: Market = .demo, in folder: String, slice: Int? = nil, name: String = "farm") throws -> String {
        try Data(configuration(market).utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
        let path = folder + "/\(name).yaml"
        let size = slice ?? (market == .demo ? 16 : 32)
        try Data(farm(market, slice: size).utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    static let configuration = configuration(.demo)

    private static func configuration(_ market: Market) -> String {
        let demo = (wallet: 1000, currency: "USDT", coins: ["BTC", "ETH", "SOL", "XRP", "ADA"])
        let corpus = (
            wallet: 1, currency: "BTC",
            coins: ["ETH", "LTC", "ADA", "XLM", "TRX", "XMR", "ZEC", "DASH", "ETC", "NXT", "UNITTEST"]
        )
        let (wallet, currency, coins) = market == .demo ? demo : corpus
        return """
            {
                "strategy": "EmaCross", "timeframe": "5m", "dry_run": true, "dry_run_wallet": \(wallet),
                "stake_currency": "\(currency)", "stake_amount": "unlimited", "max_open_trades": 3,
                "exchange": {"name": "binance", "pair_whitelist": \(coins.map { "\($0)/\(currency)" })},
                "execution": {"mode": "backtest"}
            }
            """
    }

    private static func farm(_ market: Market, slice: Int) -> String {
        """
        config: config.json
        strategies:
          - name: EmaCross
            parameters:
              fast: {from: 4, to: 28, step: 2}
              slow: {from: 32, to: 60, step: 4}
          - name: RsiReversion
            parameters:
              rsi_period: [10, 14, 18]
              oversold: [25, 30, 35, 40]
              band_period: [15, 20, 30]
              band_width: [1.5, 2.0, 2.5]
              recovered: \(market == .demo ? [55, 65] : [60])
        pairs: each
        rank: profit_total
        slice: \(slice)
        top: 15
        """
    }

    private actor Once {
        private var folders: [Market: String] = [:]
        private var rows: [Market: Data] = [:]

        func candles(_ market: Market) async throws -> String {
            if let folder = folders[market] { return folder }
            let path = Program.folder + "/candles-\(market)"
            try await withRig { rig in
                if market == .corpus, let corpus = Market.corpusFolder {
                    try await Self.link(corpus, path, rig)
                } else {
                    try await rig.succeed([
                        "data", "demo", path, "--pairs", "5", "--days", "60", "--timeframes", "5m", "--seed", "1",
                    ])
                }
            }
            folders[market] = path
            return path
        }

        /// The corpus is read only and has no `instruments.json`: a folder of links to its candles, and the file made from a run of it.
        private static func link(_ corpus: String, _ path: String, _ rig: Rig) async throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: corpus + "/data") where name.hasSuffix(".feather") {
                try FileManager.default.createSymbolicLink(
                    atPath: path + "/" + name, withDestinationPath: corpus + "/data/" + name)
            }
            try await rig.succeed(["data", "instruments", "--from", corpus + "/runs/EmaCross/run.json", "--datadir", path])
        }

        func reference(_ market: Market) async throws -> Data {
            if let known = rows[market] { return known }
            let data = try await candles(market)
            var result = Data()
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2)
                result = try await rig.sweep(try Farm.write(market, in: rig.folder), data: data)
                try await rig.end(fleet)
            }
            rows[market] = result
            return result
        }
    }
}

extension Rig {
    /// Runs a farm to its end and returns the bytes of its CSV file.
    func sweep(_ farm: String, data: String, fresh: Bool = true) async throws -> Data {
        let csv = folder + "/rows-\(Serial.next()).csv"
        try await succeed(["sweep", farm, "--datadir", data, "--csv", csv] + (fresh ? ["--fresh"] : []), within: .seconds(120))
        return try Data(contentsOf: URL(fileURLWithPath: csv))
    }
}
