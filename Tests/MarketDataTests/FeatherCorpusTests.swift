import Market
import MarketData
import Testing

@Suite struct FeatherCorpusTests {
    @Test func `every candle file of the corpus is read`() throws {
        let files = Corpus.featherFiles("freqtrade/data")
        for file in files {
            let candles = try FeatherTable.candles(path: file, nulls: .notANumber)
            #expect(candles.count > 0)
            #expect(candles.time(at: 0) >= Timestamp(seconds: 1_500_000_000), "\(file)")
        }
        print("\(files.count) candle files read")
    }

    @Test func `every column of every analysed frame of the corpus is read`() throws {
        let files = Corpus.featherFiles("freqtrade/runs")
        var columns = 0
        for file in files {
            let table = try FeatherTable(path: file)
            for (name, type) in table.columns {
                columns += 1
                switch type {
                case .text: #expect(try table.texts(name).count == table.rowCount)
                case .timestamp where name == "date": #expect(try table.milliseconds(name).count == table.rowCount)
                case .timestamp: break
                default: #expect(try table.doubles(name).count == table.rowCount)
                }
            }
        }
        print("\(columns) columns of \(files.count) frames read")
    }
}
