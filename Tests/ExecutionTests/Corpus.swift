import Configuration
import Foundation
import MarketData
import Strategies
import Testing

/// The runs that freqtrade itself made; absent on machines without the corpus.
enum Corpus {
    /// `PRAGMA_CORPUS`, or the folder beside the repository; nil where there is none.
    static let folder: String? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["PRAGMA_CORPUS"]
            ?? package.appending(path: "../shared/corpus").standardizedFileURL.path
        return FileManager.default.fileExists(atPath: path + "/freqtrade") ? path + "/freqtrade" : nil
    }()

    static let isAvailable: Bool = {
        if folder == nil { print("corpus: absent (set PRAGMA_CORPUS); its tests are skipped") }
        return folder != nil
    }()

    /// A JSON file of the corpus; numbers are the doubles nearest to their digits.
    static func json(_ path: String) throws -> ConfigValue {
        let file = try #require(folder) + "/" + path
        var limits = JSONReader.Limits()
        limits.bytes = 1 << 28
        limits.values = 10_000_000
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        return try JSONReader.read(bytes, origin: .file(file), options: .strict, limits: limits).value
    }
}

/// A data folder for one run of the corpus: links to its candle files and an `instruments.json` made of its `run.json`.
struct CorpusDataFolder {
    let temporary: TemporaryFolder
    let store: CandleStore
    let instruments: InstrumentFile

    init(run: String) throws {
        let corpus = try #require(Corpus.folder)
        temporary = try TemporaryFolder()
        let data = corpus + "/data"
        for name in try FileManager.default.contentsOfDirectory(atPath: data) where name.hasSuffix(".feather") {
            try FileManager.default.createSymbolicLink(
                atPath: temporary.path + "/" + name, withDestinationPath: data + "/" + name)
        }
        store = try CandleStore(folder: temporary.path)
        let imported = try InstrumentFile(importing: corpus + "/runs/\(run)/run.json", exchange: "binance")
        try imported.write(to: store.instrumentsPath)
        instruments = try store.instruments()
    }
}

/// A folder that is removed at the end of its life.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "pragma-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
