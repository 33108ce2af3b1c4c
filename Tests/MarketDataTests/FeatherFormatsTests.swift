import Foundation
import Market
import MarketData
import Testing

/// Files in many formats, made by pyarrow and polars, and read here.
@Suite struct FeatherFormatsTests {
    private static let rows = 40

    private static let script = #"""
        import sys, json, datetime as dt
        import pyarrow as pa, pyarrow.feather as feather, pyarrow.ipc as ipc, polars as pl
        folder, rows = sys.argv[1], 40
        ms = [1600000200000 + 300000 * i for i in range(rows)]
        price = [100 + (i % 4) * 0.5 for i in range(rows)]
        whole = [100 + i % 4 for i in range(rows)]
        def candles(unit, factor, number=pa.float64(), date=None):
            kind = date or pa.timestamp(unit, tz='UTC')
            prices = pa.array(price).cast(number) if number else pa.array(whole)
            return pa.table({'date': pa.array([int(t * factor) for t in ms], pa.int64()).cast(kind),
                'open': prices, 'high': prices, 'low': prices, 'close': prices,
                'volume': pa.array([i % 3 for i in range(rows)], pa.int64())})
        def save(name, table, compression=None):
            feather.write_feather(table, folder + '/' + name + '.feather', compression=compression or 'uncompressed')
        def ipcfile(name, table, chunk=None, **options):
            with ipc.new_file(folder + '/' + name + '.feather', table.schema, options=ipc.IpcWriteOptions(**options)) as out:
                for batch in table.to_batches(max_chunksize=chunk): out.write_batch(batch)
        save('candles-ns-lz4', candles('ns', 1000000), 'lz4')
        save('candles-us-zstd', candles('us', 1000), 'zstd')
        save('candles-ms-plain', candles('ms', 1))
        save('candles-s-plain', candles('s', 0.001))
        ipcfile('candles-naive-batches', candles('ms', 1, date=pa.timestamp('ms')), chunk=7, compression='zstd')
        save('candles-int-float32', candles('ms', 1, date=pa.int64(), number=pa.float32()), 'lz4')
        save('whole-prices', candles('ns', 1000000, number=None), 'lz4')
        ipcfile('candles-old-v4', candles('ms', 1), metadata_version=ipc.MetadataVersion.V4, use_legacy_format=True)
        words = [None if i % 5 == 0 else 'tag %d, gr\u00f6\u00dfer than twelve bytes' % i if i % 2 else 't%d' % i for i in range(rows)]
        struct = pa.struct([('a', pa.list_(pa.int32())), ('b', pa.string())])
        mixed = pa.table({
            'nested': pa.array([{'a': [i, 1], 'b': 'x'} for i in range(rows)], struct),
            'none': pa.nulls(rows), 'text': pa.array(words), 'large': pa.array(words, pa.large_string()),
            'coded': pa.array(words).dictionary_encode(), 'view': pa.array(words, pa.string_view()),
            'fixed': pa.array([b'abcd'] * rows, pa.binary(4)), 'decimal': pa.array([1] * rows, pa.decimal128(10, 2)),
            'flag': pa.array([None if i % 7 == 0 else i % 3 == 0 for i in range(rows)]),
            **{'i%d' % w: pa.array([(-1) ** i * i for i in range(rows)], 'int%d' % w) for w in (8, 16, 32, 64)},
            **{'u%d' % w: pa.array([i * 3 for i in range(rows)], 'uint%d' % w) for w in (8, 16, 32, 64)},
            'f32': pa.array([i / 4 for i in range(rows)], pa.float32()),
            'gaps': pa.array([None if i % 4 == 1 else i / 3 for i in range(rows)]),
            'day': pa.array([dt.date(2020, 1, 1) + dt.timedelta(i) for i in range(rows)]),
            'last': pa.array([i * 1.5 for i in range(rows)]),
        })
        for name, options in {'plain': {}, 'lz4': {'compression': 'lz4'}, 'zstd': {'compression': 'zstd'}}.items():
            ipcfile('mixed-' + name, mixed, **options)
            ipcfile('mixed-batches-' + name, mixed, 11, **options)
        frame = pl.DataFrame({'text': words, 'coded': pl.Series(words, dtype=pl.Categorical), 'gaps': mixed['gaps'].to_pylist(),
            'last': mixed['last'].to_pylist()})
        for codec in ('uncompressed', 'lz4', 'zstd'):
            frame.write_ipc(folder + '/polars-' + codec + '.feather', compression=codec)
        """#

    private static let words: [String?] = (0..<rows).map { row in
        row % 5 == 0 ? nil : row % 2 == 1 ? "tag \(row), größer than twelve bytes" : "t\(row)"
    }

    @Test func `files of pyarrow and polars in every format are read`() throws {
        let folder = try TemporaryFolder()
        guard try Python.run(Self.script, arguments: [folder.path]) != nil else { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == 17)
        for name in names {
            let table = try FeatherTable(path: folder.path + "/" + name)
            #expect(table.rowCount == Self.rows, "\(name)")
            if table.hasColumn("date") { try expectCandles(table, name, whole: name.hasPrefix("whole")) }
            if table.hasColumn("text") { try expectTexts(table, name) }
            if table.hasColumn("i8") { try expectNumbers(table, name) }
        }
        print("\(names.count) formats read")
    }

    @Test func `files kept from pyarrow are read without Python`() throws {
        let candles = try FeatherTable(FileBytes(copying: FeatherFixtures.lz4), file: "lz4")
        try expectCandles(candles, "lz4", whole: false)
        let texts = try FeatherTable(FileBytes(copying: FeatherFixtures.zstd), file: "zstd")
        try expectTexts(texts, "zstd")
        #expect(try texts.texts("view") == Self.words)
        #expect(try texts.bools("flag") == Self.flags)
    }

    private static let flags: [Bool?] = (0..<rows).map { $0 % 7 == 0 ? nil : $0 % 3 == 0 }

    private func expectCandles(_ table: FeatherTable, _ name: String, whole: Bool) throws {
        let candles = try table.candles()
        let step = whole ? 1.0 : 0.5
        for row in 0..<Self.rows {
            let price = 100 + Double(row % 4) * step
            #expect(candles.times[row] == 1_600_000_200_000 + 300_000 * Int64(row), "\(name)")
            for column in [candles.open, candles.high, candles.low, candles.close] {
                #expect(column[row] == price, "\(name)")
            }
            #expect(candles.volume[row] == Double(row % 3), "\(name)")
        }
    }

    private func expectTexts(_ table: FeatherTable, _ name: String) throws {
        for column in ["text", "coded", "large", "view"] where table.hasColumn(column) {
            #expect(try table.texts(column) == Self.words, "\(name) \(column)")
        }
        let gaps = try table.doubles("gaps")
        for row in 0..<Self.rows {
            #expect(row % 4 == 1 ? gaps[row].isNaN : gaps[row] == Double(row) / 3, "\(name) row \(row)")
        }
        let error = #expect(throws: MarketDataError.self) { try table.doubles("gaps", nulls: .refused) }
        #expect(error?.problem == "column \"gaps\" has no value in row 1")
    }

    private func expectNumbers(_ table: FeatherTable, _ name: String) throws {
        for width in [8, 16, 32, 64] {
            let signed = (0..<Self.rows).map { $0 % 2 == 0 ? $0 : -$0 }
            let unsigned = (0..<Self.rows).map { $0 * 3 }
            #expect(try table.integers("i\(width)").map { Int($0) } == signed, "\(name)")
            #expect(try table.doubles("i\(width)").map { Int($0) } == signed, "\(name)")
            #expect(try table.integers("u\(width)").map { Int($0) } == unsigned, "\(name)")
            #expect(try table.doubles("u\(width)").map { Int($0) } == unsigned, "\(name)")
        }
        let quarters = (0..<Self.rows).map { Double($0) / 4 }
        #expect(Array(try table.doubles("f32")) == quarters)
        #expect(Array(try table.doubles("last")) == quarters.map { $0 * 6 })
        #expect(try table.bools("flag") == Self.flags)
        let flags: [Bool?] = try table.doubles("flag").map { $0.isNaN ? nil : $0 == 1 }
        #expect(flags == Self.flags)
        #expect(try table.texts("none") == Array(repeating: nil, count: Self.rows))
        #expect(try table.doubles("none").allSatisfy(\.isNaN))
        let days = (0..<Int64(Self.rows)).map { 1_577_836_800_000 + $0 * 86_400_000 }
        #expect(Array(try table.milliseconds("day")) == days)
        for column in ["nested", "fixed", "decimal"] {
            #expect(throws: MarketDataError.self, "\(column)") { try table.doubles(column) }
            #expect(throws: MarketDataError.self, "\(column)") { try table.texts(column) }
        }
    }
}
