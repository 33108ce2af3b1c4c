import Foundation
import Market
import SyntheticMarket
import Testing

@testable import MarketData

/// freqtrade's own converter makes the files that are imported, and reads those that are written.
@Suite struct ImportOracleTests {
    /// Converts a folder of Feather files to `jsongz` with freqtrade; the same as `json`, and as CSV with pandas.
    private static let convert = """
        import sys, glob, gzip, subprocess
        import pandas as pd
        folder, pairs = sys.argv[1], sys.argv[2].split(',')
        subprocess.run([sys.executable, '-m', 'freqtrade', 'convert-data', '--format-from', 'feather', '--format-to', 'jsongz',
            '--datadir', folder, '--userdir', folder, '--exchange', 'binance', '--pairs', *pairs,
            '--timeframes', '1m', '5m', '1h'], check=True, capture_output=True)
        for path in glob.glob(folder + '/*.feather'):
            pd.read_feather(path).to_csv(path[:-8] + '.csv', index=False)
            with gzip.open(path[:-8] + '.json.gz') as source, open(path[:-8] + '.json', 'wb') as target:
                target.write(source.read())
        """

    /// Loads what was imported from each form with freqtrade, and the source in that form; prints rows and differing cells.
    private static let compare = """
        import sys, pathlib
        from freqtrade.data.history.datahandlers import get_datahandler
        from freqtrade.enums import CandleType
        root = pathlib.Path(sys.argv[1])
        for ending, form in (('json', 'json'), ('json.gz', 'jsongz'), ('csv', 'feather')):
            total = differing = 0
            ours = get_datahandler(root / ending, 'feather')
            theirs = get_datahandler(root / 'source', form)
            for pair, timeframe, _ in ours.ohlcv_get_available_data(root / ending, 'spot'):
                a, b = (x.ohlcv_load(pair, timeframe, CandleType.SPOT, fill_missing=False, drop_incomplete=False)
                    for x in (ours, theirs))
                assert list(a.columns) == list(b.columns) and len(a) == len(b) > 0, (a.columns, b.columns, len(a), len(b))
                differing += sum(int((a[name].to_numpy() != b[name].to_numpy()).sum()) for name in a.columns)
                total += len(a)
            print(ending, total, differing)
        """

    @Test func `what freqtrade converts is imported bit for bit, and freqtrade reads the result alike`() throws {
        guard let corpus = Corpus.folder, Python.interpreter != nil else {
            return print("no corpus or no Python: skipped")
        }
        let folder = try TemporaryFolder()
        let source = folder.path + "/source"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        let names = ["ETH_BTC-5m", "UNITTEST_BTC-1h", "XRP_ETH-1m", "XMR_BTC-5m"]
        for name in names {
            let bytes = try Data(contentsOf: URL(filePath: corpus + "/freqtrade/data/\(name).feather"))
            try bytes.write(to: URL(filePath: source + "/\(name).feather"))
        }
        _ = try Python.run(Self.convert, arguments: [source, "ETH/BTC,UNITTEST/BTC,XRP/ETH,XMR/BTC"])
        let original = try CandleStore(folder: source)
        var rows = 0
        for ending in ["json", "json.gz", "csv"] {
            let target = folder.path + "/" + ending
            let sources = try ImportSources(names.map { "\(source)/\($0).\(ending)" })
            let entries = try CandleImport(hash: { _ in "" }).run(sources, into: try CandleStore.target(folder: target))
            #expect(entries.count == names.count && entries.allSatisfy { $0.outcome == .written })
            let imported = try CandleStore(folder: target)
            rows = 0
            for key in try original.keys() {
                rows += try imported.candles(key).count
                // freqtrade's JSON has ten decimals, so that some of the original's digits are lost on its side.
                guard ending == "csv" else { continue }
                let different = Self.differing(try original.candles(key), try imported.candles(key))
                #expect(different == 0, "\(key)")
            }
        }
        let output = try #require(try Python.run(Self.compare, arguments: [folder.path]))
        #expect(output.split(separator: "\n").suffix(3) == ["json \(rows) 0", "json.gz \(rows) 0", "csv \(rows) 0"], "\(output)")
        print("\(rows) rows of \(names.count) files equal in each of three formats")
    }

    /// How many cells differ in any bit.
    private static func differing(_ a: Candles, _ b: Candles) -> Int {
        guard a.count == b.count else { return max(a.count, b.count) }
        let times = zip(a.times, b.times).count { $0 != $1 }
        return [(a.open, b.open), (a.high, b.high), (a.low, b.low), (a.close, b.close), (a.volume, b.volume)].reduce(times) {
            $0 + zip($1.0, $1.1).count { $0.bitPattern != $1.bitPattern }
        }
    }

    /// Prints the bits of numbers as pandas reads them from JSON.
    private static let bits = """
        import sys, io, pandas as pd
        values = pd.read_json(sys.argv[1], orient='values')[0].astype('float64').to_numpy()
        print(' '.join(map(str, values.view('uint64'))))
        """

    @Test func `numbers of JSON are the doubles that pandas makes of them`() throws {
        guard Python.interpreter != nil else { return print("no Python: skipped") }
        let seed: UInt64 = 5
        var random = SplitMix64(seed: seed)
        var texts = [
            "0.1", "1e-10", "1.5e-7", "123456.789e3", "0.000000000000001", "0.1234567890123456789", "98765432109876.5", "-2.25",
        ]
        for _ in 0..<20_000 {
            let digits = String(
                random.next() % [1000, 1_000_000_000, 1_000_000_000_000_000].randomElement(using: &random, or: 1000))
            let whole = String(random.next() % [10, 100_000, 10_000_000_000].randomElement(using: &random, or: 10))
            texts.append(whole + "." + digits)
        }
        let folder = try TemporaryFolder()
        let path = folder.path + "/numbers.json"
        try Data(("[[" + texts.joined(separator: "],[") + "]]").utf8).write(to: URL(filePath: path))
        let output = try #require(try Python.run(Self.bits, arguments: [path]))
        let theirs = output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
        #expect(theirs.count == texts.count)
        for (text, bits) in zip(texts, theirs) {
            let bytes = Array(text.utf8)
            #expect(DecimalText.double(bytes, 0..<bytes.count, .pandasJSON)?.bitPattern == bits, "\(text)")
        }
        print("\(texts.count) numbers, seed \(seed)")
    }
}

extension Array {
    fileprivate func randomElement(using random: inout SplitMix64, or other: Element) -> Element {
        randomElement(using: &random) ?? other
    }
}
