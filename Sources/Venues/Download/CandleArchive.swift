import Crypto
package import Exchange
package import MarketData

/// Where a venue's candles lie as files with checksums: Binance's public data. No key, no budget of the venue, one file at a time.
package struct CandleArchive: Sendable {
    /// What became of a request for a file.
    enum Answer: Sendable {
        case file(ImportedFile)
        /// It is not there, or its checksum is not.
        case missing
        /// It cannot be used; the reason names it.
        case refused(String)
        /// Nobody answers there, or not as a store of files does.
        case unreachable(String)
    }

    private enum Fetched {
        case bytes([UInt8])
        case no(Answer)
    }

    let section: BinanceArchive.Section
    private let client: any WebClient
    private let origin: WebOrigin
    private let limits: ImportLimits
    private static let timeout = Duration.seconds(120)
    private static let attempts = 2

    package init(
        _ client: any WebClient, at origin: WebOrigin, section: BinanceArchive.Section, limits: ImportLimits = .binanceArchive
    ) {
        self.client = client
        self.origin = origin
        self.section = section
        self.limits = limits
    }

    /// The candles of one file. Its checksum is asked for first: what cannot be verified is not downloaded.
    func fetch(_ archive: BinanceArchive, as key: CandleKey) async -> Answer {
        let checksum: [UInt8]
        switch await get(archive.checksumPath, name: archive.name + ImportedFile.checksumEnding) {
        case .bytes(let bytes): checksum = bytes
        case .no(let answer): return answer
        }
        let zip: [UInt8]
        switch await get(archive.path, name: archive.name) {
        case .bytes(let bytes): zip = bytes
        case .no(let answer): return answer
        }
        do throws(MarketDataError) {
            return .file(
                try archive.candles(zip: zip, checksum: checksum, as: key, limits: limits) { bytes in
                    SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                })
        } catch {
            return .refused(
                "\(origin)\(archive.path): \(error.problem); download again, or remove public_data from the venue file")
        }
    }

    private func get(_ path: String, name: String) async -> Fetched {
        var problem = ""
        for _ in 0..<Self.attempts {
            do throws(WebFailure) {
                let response = try await client.send(WebRequest(.get, path), to: origin, timeout: Self.timeout)
                switch response.status {
                case 200:
                    guard response.body.count <= limits.fileBytes else { return .no(tooLarge(path)) }
                    return .bytes(response.body)
                case 404: return .no(.missing)
                default: problem = "\(origin) answers \(name) with status \(response.status)"
                }
            } catch {
                switch error {
                case .tooLarge: return .no(tooLarge(path))
                case .notSent(let text), .outcomeUnknown(let text): problem = text
                case .closed(_, let reason): problem = reason
                }
            }
            guard !Task.isCancelled else { break }
        }
        return .no(.unreachable(problem))
    }

    private func tooLarge(_ path: String) -> Answer { .refused("\(origin)\(path): is larger than \(limits.fileBytes) bytes") }
}
