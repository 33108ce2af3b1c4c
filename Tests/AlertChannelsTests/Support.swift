import Exchange
import Logging
import Synchronization

@testable import AlertChannels

/// Time that goes on by itself whenever somebody waits.
final class ManualClock: Sendable {
    private let time = Mutex<Int64>(0)
    let pauses = Mutex<[Int64]>([])

    var clock: AlertSender.Clock {
        AlertSender.Clock(
            now: { self.time.withLock { $0 } },
            sleep: { pause in
                self.pauses.withLock { $0.append(pause) }
                self.time.withLock { $0 += pause }
                await Task.yield()
            })
    }
}

/// Keeps every line, metadata included.
final class LogLines: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let all = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            log.kept.withLock { $0.append("\(event.level) \(event.message) \(all)") }
        }
    }
}
