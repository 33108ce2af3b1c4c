import Foundation
import Market
import Testing

@testable import MarketData

@Suite struct StoreLockTests {
    private func error(_ body: () throws -> Void) throws -> MarketDataError {
        try #require(#expect(throws: MarketDataError.self, performing: body))
    }

    @Test func `a second writer is refused, with the lock's file and who holds it, until the first is done`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore.target(folder: folder.path + "/candles")
        do {
            let lock = try store.lock(for: "an import")
            let error = try error { _ = try store.lock(for: "another") }
            #expect(error.kind == .inUse && error.file == store.folder + "/" + StoreLock.name)
            #expect(error.description.contains("an import (process \(getpid())) is writing"))
            withExtendedLifetime(lock) {}
        }
        let next = try store.lock(for: "a download")
        let again = try error { _ = try store.lock(for: "another") }
        #expect(again.description.contains("a download (process"))
        withExtendedLifetime(next) {}
    }

    @Test func `an import is refused while another one writes, a dry run is not`() throws {
        let folder = try TemporaryFolder()
        let csv = folder.path + "/BTC_USDT-1m.csv"
        try "1704067200000,1.5,3,0.5,2.5,4.25\n".write(toFile: csv, atomically: true, encoding: .utf8)
        let store = try CandleStore.target(folder: folder.path + "/candles")
        let sources = try ImportSources([csv])
        var job = CandleImport { _ in "" }
        let lock = try store.lock(for: "an import")
        #expect(try error { _ = try job.run(sources, into: store) }.kind == .inUse)
        job.isDryRun = true
        #expect(try job.run(sources, into: store).map(\.outcome) == [.written])
        #expect(try store.keys().isEmpty)
        withExtendedLifetime(lock) {}
    }

    @Test func `the lock is no candle file and stays out of what is listed`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore.target(folder: folder.path + "/candles")
        let csv = folder.path + "/BTC_USDT-1m.csv"
        try "1704067200000,1.5,3,0.5,2.5,4.25\n".write(toFile: csv, atomically: true, encoding: .utf8)
        _ = try CandleImport { _ in "" }.run(ImportSources([csv]), into: store)
        #expect(try store.keys().count == 1)
        #expect(try ImportSources([store.folder]).skipped.isEmpty)
    }

    @Test func `ccxt's name and the venue file's name the same exchange`() {
        #expect(ExchangeName.isSame("binance-usdm", "binanceusdm") && ExchangeName.isSame("paper-kraken", "Kraken"))
        #expect(!ExchangeName.isSame("binance", "binanceusdm") && !ExchangeName.isSame("", "binance"))
        #expect(ExchangeName.canonical("binance-usdm") == "binanceusdm")
    }
}
