import Foundation
import Market
import Testing

@testable import MarketData

@Suite struct InstrumentFileTests {
    private func write(_ text: String, _ name: String = "x.json") throws -> (TemporaryFolder, String) {
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        return (folder, path)
    }

    @Test func `what is written is read again, bit for bit`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path)
        let steps = [1e-8, 0.1, .leastNonzeroMagnitude, 1e300, 0.30000000000000004, 1]
        let instruments = try steps.enumerated().map { index, step in
            Instrument(
                pair: try #require(Pair("A\(index)\"ü/USDT")), amountPrecision: step, pricePrecision: nil,
                amountLimits: Instrument.Limits(minimum: step, maximum: nil),
                priceLimits: Instrument.Limits(minimum: nil, maximum: step), costLimits: Instrument.Limits(),
                makerFee: -0.0001, takerFee: 0.001)
        }
        var file = InstrumentFile(exchange: "binance", instruments: instruments)
        try file.write(to: store.instrumentsPath)
        file.path = store.instrumentsPath
        #expect(try store.instruments() == file)
        #expect(try store.instruments().encoded == file.encoded)
        let pair = try #require(Pair("A1\"ü/USDT"))
        #expect(try store.instruments().instrument(pair) == instruments[1])
    }

    @Test func `a missing file and a missing pair name the command`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path)
        let error = #expect(throws: MarketDataError.self) { try store.instruments() }
        #expect(error?.kind == .missing && error?.remedy?.contains("pragma data instruments --from FILE") == true)
        try InstrumentFile(exchange: "x", instruments: []).write(to: store.instrumentsPath)
        let second = #expect(throws: MarketDataError.self) { try store.instruments().instrument(#require(Pair("A/B"))) }
        #expect(second?.description.contains("A/B") == true && second?.remedy?.contains("pragma data instruments") == true)
    }

    @Test func `runs of the corpus are imported`() throws {
        guard let corpus = Corpus.folder else { return }
        let runs = try FileManager.default.contentsOfDirectory(atPath: corpus + "/freqtrade/runs").sorted()
        var count = 0
        for run in runs {
            let path = corpus + "/freqtrade/runs/" + run + "/run.json"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let file = try InstrumentFile(importing: path, exchange: "binance")
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any]
            let markets = try #require(json?["markets"] as? [String: [String: Any]])
            let settings = try #require(json?["settings"] as? [String: Any])
            #expect(file.instruments.count == markets.count)
            for (name, market) in markets {
                let instrument = try file.instrument(#require(Pair(name)))
                let precision = try #require(market["precision"] as? [String: Any])
                #expect(instrument.amountPrecision == precision["amount"] as? Double)
                #expect(instrument.pricePrecision == precision["price"] as? Double)
                let cost = (market["limits"] as? [String: Any])?["cost"] as? [String: Any]
                #expect(instrument.costLimits.minimum == cost?["min"] as? Double)
                #expect(instrument.takerFee == settings["fee"] as? Double)
                #expect(instrument.precisionMode.rawValue == settings["precision_mode"] as? Int)
                count += 1
            }
        }
        print("\(count) instruments of \(runs.count) runs imported")
        #expect(count > 0)
    }

    @Test(arguments: ["binance", "binanceusdm", "kraken", "okx", "bybit", "coinbase"])
    func `markets of ccxt are imported by exchange`(exchange: String) throws {
        guard let corpus = Corpus.folder else { return }
        let file = try InstrumentFile(importing: corpus + "/exchanges/markets.json", exchange: exchange)
        #expect(file.exchange == exchange && !file.instruments.isEmpty)
        for instrument in file.instruments.values {
            #expect((instrument.amountPrecision ?? 0) > 0 && (instrument.pricePrecision ?? 0) > 0, "\(instrument.pair)")
        }
    }

    @Test func `lists, texts for numbers and entries that are no pairs are read`() throws {
        let (folder, path) = try write(
            #"[{"symbol": "A/B", "precision": {"amount": "0.001", "price": 1e-2}, "limits": {"cost": {"min": 5}}, "maker": 0.0002},"#
                + #" {"symbol": "A/B:B-250101-100-C!", "precision": {}}, {"id": "x"}]"#)
        let file = try InstrumentFile(importing: path)
        let instrument = try file.instrument(#require(Pair("A/B")))
        #expect(instrument.amountPrecision == 0.001 && instrument.pricePrecision == 0.01)
        #expect(instrument.costLimits.minimum == 5 && instrument.makerFee == 0.0002 && instrument.takerFee == nil)
        withExtendedLifetime(folder) {}
    }

    @Test func `digits are not taken for steps`() throws {
        let (folder, path) = try write(#"{"A/B": {"precision": {"amount": 8, "price": 2}, "limits": {}}}"#)
        let error = #expect(throws: MarketDataError.self) { try InstrumentFile(importing: path) }
        #expect(error?.description.contains("digits") == true)
        let file = try InstrumentFile(importing: path, precisionMode: .decimalPlaces)
        #expect(try file.instrument(#require(Pair("A/B"))).amountPrecision == 8)
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: [
        ("{}", "\"format\" is not 1"), ("", "line 1: it ends in the middle"), ("{\"format\": 1,\n}", "line 2: a key in quotes"),
        (#"{"format": 1}"#, "precisionMode is not"), (#"{"format": 1, "precisionMode": "tickSize"}"#, "instruments is missing"),
        (#"{"format": 1, "precisionMode": "tickSize", "instruments": {"AB": {}}}"#, "has \"AB\", which is no pair"),
        (
            #"{"format": 1, "precisionMode": "tickSize", "instruments": {"A/B": {"amountPrecision": 0}}}"#,
            "instruments.A/B.amountPrecision is 0.0, it must be above 0"
        ),
        (
            #"{"format": 1, "precisionMode": "tickSize", "instruments": {"A/B": {"cost": {"minimum": -1}}}}"#,
            "instruments.A/B.cost.minimum is -1.0"
        ),
        (
            #"{"format": 1, "precisionMode": "tickSize", "instruments": {"A/B": {"takerFee": 0.6}}}"#,
            "instruments.A/B.takerFee is 0.6; a fee is a ratio"
        ),
        (
            #"{"format": 1, "precisionMode": "tickSize", "instruments": {"A/B": {"pricePrecision": true}}}"#,
            "instruments.A/B.pricePrecision is not a number"
        ),
    ])
    func `what is wrong in a file is named`(text: String, words: String) throws {
        let (folder, path) = try write(text)
        let error = #expect(throws: MarketDataError.self) { try InstrumentFile(path: path) }
        #expect(error?.problem.contains(words) == true, "\(error?.problem ?? "no error")")
        #expect(error?.file == path)
        withExtendedLifetime(folder) {}
    }
}
