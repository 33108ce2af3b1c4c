package import Market

/// The form in which a file holds candles, found by its bytes, not by its name.
package enum ImportFormat: String, Hashable, Sendable, CaseIterable {
    case feather
    case json
    case compressedJSON = "json.gz"
    case csv
    case compressedCSV = "csv.gz"
    case zip
}

/// The candles of one file and what was found about the file.
package struct ImportedFile: Sendable {
    /// In the order of the file; nothing is corrected.
    package var candles: Candles
    /// How the file holds them.
    package var format: ImportFormat
    /// How it writes its times; nil for Feather, whose type says it, and without rows.
    package var notation: TimeNotation?
    /// Whether a `.CHECKSUM` file beside it was there and agreed.
    package var isVerified = false
    /// Files of an archive that were left aside.
    package var ignored: [String] = []

    /// The ending of a checksum file's name.
    package static let checksumEnding = ".CHECKSUM"

    /// Reads the file at `path` as candles of `key`. Where a `.CHECKSUM` file is beside it, its SHA-256 (by `hash`) must agree.
    package static func read(
        _ path: String, as key: CandleKey, limits: ImportLimits = ImportLimits(), hash: CandleStore.Hash
    ) throws(MarketDataError) -> ImportedFile {
        let bytes = try FileBytes.reading(path, limit: limits.fileBytes)
        let isVerified = try verify(bytes, path, hash)
        if bytes.withBytes({ $0.starts(with: "ARROW1".utf8) }) {
            let table = try FeatherTable(bytes, file: path)
            let candles = try table.candles(nulls: key.kind.allowsEmpty ? .notANumber : .refused)
            return ImportedFile(candles: candles, format: .feather, notation: nil, isVerified: isVerified)
        }
        do throws(ImportFault) {
            var result = try decoded(bytes.withBytes { Array($0) }, as: key, limits: limits)
            result.isVerified = isVerified
            return result
        } catch {
            throw error.inFile(path)
        }
    }

    private static func verify(_ bytes: FileBytes, _ path: String, _ hash: CandleStore.Hash) throws(MarketDataError) -> Bool {
        let checksum: FileBytes
        do throws(MarketDataError) {
            checksum = try FileBytes.reading(path + checksumEnding, limit: 65_536)
        } catch {
            guard error.kind == .missing else { throw error }
            return false
        }
        do throws(ImportFault) {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            try Checksum(checksum.withBytes { Array($0) }).verify(bytes.withBytes(hash), of: name)
        } catch {
            throw error.inFile(path)
        }
        return true
    }

    /// The candles in the bytes of a file that is not Feather.
    static func decoded(_ bytes: [UInt8], as key: CandleKey, limits: ImportLimits) throws(ImportFault) -> ImportedFile {
        if bytes.starts(with: [0x1F, 0x8B]) {
            let (candles, isJSON, notation) = try text(try Inflater.gzip(bytes, limits: limits), as: key, limits: limits)
            return ImportedFile(candles: candles, format: isJSON ? .compressedJSON : .compressedCSV, notation: notation)
        }
        // The second is the mark of an archive without any file.
        if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
            let archive = try ZipArchive(bytes, limits: limits)
            let content = try archive.content(try archive.table())
            let (candles, _, notation) = try text(content, as: key, limits: limits)
            return ImportedFile(candles: candles, format: .zip, notation: notation, ignored: archive.ignored)
        }
        let (candles, isJSON, notation) = try text(bytes, as: key, limits: limits)
        return ImportedFile(candles: candles, format: isJSON ? .json : .csv, notation: notation)
    }

    private static func text(
        _ bytes: [UInt8], as key: CandleKey, limits: ImportLimits
    ) throws(ImportFault) -> (candles: Candles, isJSON: Bool, notation: TimeNotation?) {
        let first = bytes.first { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }
        if first == UInt8(ascii: "[") || first == UInt8(ascii: "{") {
            let (candles, notation) = try CandleJSON.candles(bytes, kind: key.kind, limits: limits)
            return (candles, true, notation)
        }
        guard !bytes.prefix(4096).contains(0) else {
            throw .unsupported("it is neither JSON nor CSV nor Feather, nor one of these as .gz or .zip")
        }
        let (candles, notation) = try CandleCSV.candles(bytes, kind: key.kind, base: key.pair.base, limits: limits)
        return (candles, false, notation)
    }
}

/// A checksum file as `sha256sum` writes it: 64 hexadecimal digits, blanks, the file's name.
package struct Checksum: Hashable, Sendable {
    /// SHA-256 in lower-case hex.
    package var digest: String
    /// The file it is of; empty where it does not say.
    package var name: String

    /// Reads the text of a checksum file.
    init(_ bytes: [UInt8]) throws(ImportFault) {
        let words = String(decoding: bytes.prefix(4096), as: UTF8.self).split { $0.isWhitespace }
        guard let first = words.first, first.count == 64, first.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw .damaged("the checksum file beside it does not begin with a SHA-256")
        }
        digest = first.lowercased()
        let name = words.count > 1 ? words[1] : ""
        self.name = String(name.hasPrefix("*") ? name.dropFirst() : name)
    }

    /// Throws where `found` is another digest, or the checksum is of another file than `file`.
    func verify(_ found: String, of file: String) throws(ImportFault) {
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        guard last.isEmpty || last == file else {
            throw .damaged("the checksum file beside it is of \(ImportText.shown(Array(last.utf8)[...], limit: 80))")
        }
        guard found.lowercased() == digest else {
            throw .damaged("its SHA-256 is \(found), its checksum file says \(digest)")
        }
    }
}
