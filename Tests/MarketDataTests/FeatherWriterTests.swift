import Market
import Testing

@testable import MarketData

@Suite struct FeatherWriterTests {
    private func sample(_ rows: Int) -> Candles {
        var builder = CandleBuilder()
        for row in 0..<rows {
            let price = 100 + Double(row % 17) * 0.1
            builder.append(
                time: 1_600_000_200_000 + Int64(row) * 300_000, open: price, high: price + 0.3, low: price - 0.1,
                close: price + 0.2, volume: Double(row) / 3)
        }
        return builder.candles
    }

    private func bits(_ candles: Candles) -> [[UInt64]] {
        [candles.times.map { UInt64(bitPattern: $0) }]
            + [candles.open, candles.high, candles.low, candles.close, candles.volume].map { $0.map(\.bitPattern) }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 1000])
    func `what is written is read again, bit for bit`(rows: Int) throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path + "/data/binance")
        let key = CandleKey(try #require(Pair("BTC/USDT")), try #require(Timeframe("5m")))
        try store.write(sample(rows), as: key)
        #expect(bits(try store.candles(key)) == bits(sample(rows)))
        #expect(try store.list() == [CandleSummary(key: key, candles: sample(rows))])
    }

    @Test func `a plain file is mapped and its columns point into the mapping`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/x.feather"
        try FeatherWriter.write(sample(100), to: path)
        let table = try FeatherTable(path: path)
        let candles = try table.candles()
        table.source.withBytes { file in
            let start = UInt(bitPattern: file.baseAddress)
            let range = start..<start + UInt(file.count)
            for column in [candles.open, candles.high, candles.low, candles.close, candles.volume] {
                #expect(range.contains(UInt(bitPattern: column.base)))
                #expect(UInt(bitPattern: column.base) % 64 == 0)
            }
            #expect(range.contains(UInt(bitPattern: candles.times.base)))
        }
        #expect(table.source.isMapped)
    }

    @Test func `a mapped file may be replaced while it is used`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/x.feather"
        try FeatherWriter.write(sample(5000), to: path)
        let old = try FeatherTable.candles(path: path)
        try FeatherWriter.write(sample(1), to: path)
        #expect(bits(old) == bits(sample(5000)))
        #expect(try FeatherTable.candles(path: path).count == 1)
    }

    @Test func `a file that cannot be written leaves nothing behind`() throws {
        let folder = try TemporaryFolder()
        #expect(throws: MarketDataError.self) { try FeatherWriter.write(sample(1), to: folder.path + "/none/x.feather") }
        #expect(try Directory.names(folder.path).isEmpty)
    }

    @Test func `pandas, pyarrow, polars and freqtrade open what is written`() throws {
        let script = """
            import sys, pandas as pd, polars as pl, pyarrow.feather as f, pyarrow as pa
            from pathlib import Path
            folder, rows = Path(sys.argv[1]), int(sys.argv[2])
            path = folder / 'BTC_USDT-5m.feather'
            table = f.read_table(path)
            table.validate(full=True)
            assert table.schema.field('date').type == pa.timestamp('ms', tz='UTC'), table.schema
            assert f.read_table(path, memory_map=True).equals(table)
            frame = pd.read_feather(path)
            assert list(frame.columns) == ['date', 'open', 'high', 'low', 'close', 'volume'], frame.columns
            assert len(frame) == rows and frame['volume'].iloc[5] == 5 / 3 and str(frame['date'].iloc[0]) == '2020-09-13 12:30:00+00:00'
            other = pl.read_ipc(path)
            assert other['close'].to_list() == frame['close'].to_list()
            assert other['date'].dt.epoch('ms').to_list() == [1600000200000 + 300000 * i for i in range(rows)]
            from freqtrade.data.history import load_pair_history
            from freqtrade.enums import CandleType
            loaded = load_pair_history('BTC/USDT', '5m', folder, data_format='feather', candle_type=CandleType.SPOT)
            assert len(loaded) == rows and loaded['close'].tolist() == frame['close'].tolist(), len(loaded)
            print('all agree')
            """
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path)
        try store.write(sample(1000), as: CandleKey(try #require(Pair("BTC/USDT")), try #require(Timeframe("5m"))))
        guard let output = try Python.run(script, arguments: [folder.path, "1000"]) else { return }
        #expect(output.hasSuffix("all agree\n"), "\(output)")
    }
}
