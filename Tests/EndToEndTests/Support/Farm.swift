import Foundation

/// Candles and farms of the tests. Made once for a run, by the program itself.
enum Farm {
    private static let made = Once()

    /// The folder of five pairs of demo candles, 60 days of 5 minutes.
    static func candles() async throws -> String { try await made.candles() }

    /// The leaderboard's rows from a fleet that nobody disturbed.
    static func reference() async throws -> Data { try await made.reference() }

    /// Writes a configuration and a farm of 1,600 backtests into a folder and returns the farm's path.
    static func write(in folder: String, slice: Int = 16, name: String = "farm") throws -> String {
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
        let path = folder + "/\(name).yaml"
        try Data(farm(slice: slice).utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    static let configuration = """
        {
            "strategy": "EmaCross", "timeframe": "5m", "dry_run": true, "dry_run_wallet": 1000,
            "stake_currency": "USDT", "stake_amount": "unlimited", "max_open_trades": 3,
            "exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT", "ADA/USDT"]},
            "execution": {"mode": "backtest"}
        }
        """

    private static func farm(slice: Int) -> String {
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
              recovered: [55, 65]
        pairs: each
        rank: profit_total
        slice: \(slice)
        top: 15
        """
    }

    private actor Once {
        private var folder: String?
        private var rows: Data?

        func candles() async throws -> String {
            if let folder { return folder }
            let path = Program.folder + "/candles"
            try await withRig { rig in
                try await rig.succeed([
                    "data", "demo", path, "--pairs", "5", "--days", "60", "--timeframes", "5m", "--seed", "1",
                ])
            }
            folder = path
            return path
        }

        func reference() async throws -> Data {
            if let rows { return rows }
            let data = try await candles()
            var result = Data()
            try await withRig { rig in
                let fleet = try await rig.up(workers: 2)
                result = try await rig.sweep(try Farm.write(in: rig.folder), data: data)
                try await rig.end(fleet)
            }
            rows = result
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
