import Exchange
import Foundation

/// A paper exchange with one venue of Binance's protocol, the real process; or the C program that stands in its place.
final class PaperExchangeProcess {
    static let account = (key: "paper-bench", secret: "paper-bench-secret")
    let port: UInt16
    let id: pid_t
    private let process: Process
    private let folder: String

    private init(_ process: Process, _ folder: String, port: UInt16) {
        (self.process, self.folder, self.port) = (process, folder, port)
        id = process.processIdentifier
    }

    /// Synthetic market in real time, no rate limits; returns once the venue listens.
    static func start(_ options: Options) throws -> PaperExchangeProcess {
        try start(options, configuration, in: try Fleet.temporaryFolder())
    }

    /// A venue as this text describes it. Relative paths in it are meant from the folder, which is removed at the end.
    static func start(_ options: Options, _ configuration: String, in folder: String) throws -> PaperExchangeProcess {
        try configuration.write(toFile: folder + "/paper.yaml", atomically: false, encoding: .utf8)
        let ready = folder + "/ready.json"
        let log = folder + "/paper.log"
        try Data().write(to: URL(fileURLWithPath: log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: options.pragma)
        process.arguments = ["paper-exchange", "run", "--config", folder + "/paper.yaml", "--ready-file", ready]
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        let end = Machine.now + 30
        while Machine.now < end, process.isRunning {
            if let data = FileManager.default.contents(atPath: ready),
                let file = try? JSONDecoder().decode(Ready.self, from: data),
                let port = file.venues.first.flatMap({ URL(string: $0.url)?.port })
            {
                return PaperExchangeProcess(process, folder, port: UInt16(port))
            }
            usleep(20_000)
        }
        process.terminate()
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchError("the paper exchange did not start: \(said)")
    }

    /// The C program, whose answers have bodies of so many bytes.
    static func startReference(_ options: Options, body: Int) throws -> PaperExchangeProcess {
        let folder = try Fleet.temporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(options.reference)/responder")
        process.arguments = ["\(body)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            process.terminate()
            throw BenchError("responder said '\(line)' instead of its port")
        }
        return PaperExchangeProcess(process, folder, port: port)
    }

    /// The market's price of a symbol.
    func price(of symbol: String) throws -> Double {
        struct Ticker: Decodable { var price: String }
        let request = WebRequest(.get, "/api/v3/ticker/price", query: "symbol=" + symbol)
        let answer = try OrderConnection(port: port).ask(OrderTraffic.bytes(request))
        guard answer.status == 200, let price = Double(try JSONDecoder().decode(Ticker.self, from: Data(answer.body)).price)
        else {
            throw BenchError("no price: \(String(decoding: answer.body, as: UTF8.self))")
        }
        return price
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What is read of the ready file.
    private struct Ready: Decodable {
        struct Venue: Decodable { var url: String }
        var venues: [Venue]
    }

    private static let configuration = """
        venues:
          - name: paper-bench
            protocol: binance
            instruments: [{pair: BTC/USDT}]
            market: {synthetic: {seed: 1}}
            history: 1d
            accounts:
              - {name: bench, key: \(account.key), secret: \(account.secret), balances: {USDT: 1000000000, BTC: 10000}}
            rate_limits: false

        """
}
