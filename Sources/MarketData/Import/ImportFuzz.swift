internal import Market

/// Entry points for fuzzers and mutation tests.
package enum ImportFuzz {
    /// Reads `bytes` as every kind of candle file; returns how many rows came out. Whatever the bytes, this returns.
    package static func readAll(_ bytes: [UInt8], limits: ImportLimits = ImportLimits()) -> Int {
        var rows = 0
        for kind in [CandleKind.spot, .fundingRate] {
            guard let pair = Pair("BTC/USDT") else { continue }
            let key = CandleKey(pair, .oneMinute, kind: kind)
            guard let file = try? ImportedFile.decoded(bytes, as: key, limits: limits) else { continue }
            rows += file.candles.count
            _ = CandleSpacing.problem(file.candles.times, key.timeframe)
            _ = CandleCheck.findings(in: file.candles, timeframe: key.timeframe, file: "fuzz", kind: kind)
            for policy in ConflictPolicy.allCases {
                let part = file.candles
                rows += CandleMerge(stored: part, parts: [part, part], policy: policy).candles.count - part.count
            }
        }
        let checksum = try? Checksum(bytes)
        return rows + (checksum == nil ? 0 : 1)
    }
}
