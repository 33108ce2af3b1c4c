/// The one file of candles in a zip archive, found through the archive's central directory. Nothing is written to disk, so that
/// names are only compared and printed.
struct ZipArchive {
    /// A file of the archive.
    struct Entry: Hashable {
        var name: String
        var flags: UInt16
        var method: UInt16
        var crc: UInt32
        var compressedSize: Int
        var size: Int
        var headerOffset: Int
    }

    private let bytes: [UInt8]
    private let limits: ImportLimits
    /// Where the central directory begins: no file's data reaches beyond.
    private let directoryOffset: Int
    /// All entries, in the directory's order.
    let entries: [Entry]

    /// Reads the directory of an archive. Throws for archives in several parts and for ZIP64.
    init(_ bytes: [UInt8], limits: ImportLimits) throws(ImportFault) {
        let end = try Self.end(of: bytes)
        let reader = LittleEndianReader(bytes)
        guard reader.uint16(end + 4) == 0, reader.uint16(end + 6) == 0, reader.uint16(end + 8) == reader.uint16(end + 10) else {
            throw .unsupported("the archive is in several parts")
        }
        let count = Int(reader.uint16(end + 10))
        let size = Int(reader.uint32(end + 12))
        let offset = Int(reader.uint32(end + 16))
        guard count != 0xFFFF, size != 0xFFFF_FFFF, offset != 0xFFFF_FFFF else {
            throw .unsupported("the archive is of the ZIP64 kind", remedy: "Unpack it and import what is in it")
        }
        guard count <= limits.zipEntries else { throw .tooLarge("the archive has \(count) files") }
        guard offset <= end, size <= end - offset else { throw .damaged("the archive's directory lies outside of it") }
        self.bytes = bytes
        self.limits = limits
        directoryOffset = offset
        entries = try Self.entries(reader, from: offset, to: offset + size, count: count)
    }

    /// The names that are left aside: folders, files in folders and what is no table.
    var ignored: [String] { entries.map(\.name).filter { !Self.isTable($0) } }

    /// The one table (`.csv`) at the top of the archive.
    func table() throws(ImportFault) -> Entry {
        let tables = entries.filter { Self.isTable($0.name) }
        guard let first = tables.first, tables.count == 1 else {
            throw .unsupported(
                tables.isEmpty
                    ? "the archive has no CSV file (files in folders are not looked at)"
                    : "the archive has \(tables.count) CSV files; one is expected",
                remedy: "Unpack it and import what is in it")
        }
        return first
    }

    /// The content of an entry, checked against its CRC.
    func content(_ entry: Entry) throws(ImportFault) -> [UInt8] {
        guard entry.flags & 1 == 0, entry.flags & 0x40 == 0 else {
            throw .unsupported("'\(entry.name)' is encrypted", remedy: "Unpack it and import what is in it")
        }
        guard entry.compressedSize != 0xFFFF_FFFF, entry.size != 0xFFFF_FFFF, entry.headerOffset != 0xFFFF_FFFF else {
            throw .unsupported("'\(entry.name)' is of the ZIP64 kind", remedy: "Unpack it and import what is in it")
        }
        let range = try dataRange(entry)
        let content: [UInt8]
        switch entry.method {
        case 0:
            guard entry.size == entry.compressedSize else { throw .damaged("'\(entry.name)' has two sizes") }
            content = Array(bytes[range])
        case 8: content = try Inflater.raw(bytes, range, size: entry.size, limits: limits)
        default:
            throw .unsupported(
                "'\(entry.name)' is compressed by method \(entry.method)", remedy: "Unpack it and import what is in it")
        }
        guard Inflater.crc32(content) == entry.crc else { throw .damaged("'\(entry.name)' does not fit its checksum (CRC)") }
        return content
    }

    private func dataRange(_ entry: Entry) throws(ImportFault) -> Range<Int> {
        let reader = LittleEndianReader(bytes)
        let header = entry.headerOffset
        guard header <= directoryOffset - 30, reader.uint32(header) == 0x0403_4B50 else {
            throw .damaged("'\(entry.name)' has no header in the archive")
        }
        guard reader.uint16(header + 6) & 1 == entry.flags & 1, reader.uint16(header + 8) == entry.method else {
            throw .damaged("'\(entry.name)' is described in two ways")
        }
        let start = header + 30 + Int(reader.uint16(header + 26)) + Int(reader.uint16(header + 28))
        guard start <= directoryOffset, entry.compressedSize <= directoryOffset - start else {
            throw .damaged("'\(entry.name)' reaches beyond the archive's data")
        }
        return start..<start + entry.compressedSize
    }

    private static func isTable(_ name: String) -> Bool {
        !name.contains("/") && !name.contains("\\") && !name.hasPrefix(".") && name.lowercased().hasSuffix(".csv")
    }

    /// Where the record stands that ends an archive: the last one whose comment reaches exactly to the end.
    private static func end(of bytes: [UInt8]) throws(ImportFault) -> Int {
        let reader = LittleEndianReader(bytes)
        var position = bytes.count - 22
        let lowest = max(0, bytes.count - 22 - 0xFFFF)
        while position >= lowest {
            if reader.uint32(position) == 0x0605_4B50, position + 22 + Int(reader.uint16(position + 20)) == bytes.count {
                return position
            }
            position -= 1
        }
        throw .damaged("the archive has no directory: it is cut off, or no zip archive")
    }

    private static func entries(
        _ reader: LittleEndianReader, from start: Int, to end: Int, count: Int
    ) throws(ImportFault) -> [Entry] {
        var entries: [Entry] = []
        var position = start
        for _ in 0..<count {
            guard position <= end - 46, reader.uint32(position) == 0x0201_4B50 else {
                throw .damaged("the archive's directory is damaged")
            }
            let nameLength = Int(reader.uint16(position + 28))
            let rest = Int(reader.uint16(position + 30)) + Int(reader.uint16(position + 32))
            guard position + 46 + nameLength + rest <= end else { throw .damaged("the archive's directory is damaged") }
            entries.append(
                Entry(
                    name: ImportText.shown(reader.bytes[position + 46..<position + 46 + nameLength], limit: 200),
                    flags: reader.uint16(position + 8), method: reader.uint16(position + 10), crc: reader.uint32(position + 16),
                    compressedSize: Int(reader.uint32(position + 20)), size: Int(reader.uint32(position + 24)),
                    headerOffset: Int(reader.uint32(position + 42))))
            position += 46 + nameLength + rest
        }
        return entries
    }
}

/// Reads numbers at any place; beyond the end there are zeros.
struct LittleEndianReader {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func uint16(_ at: Int) -> UInt16 {
        guard at >= 0, at <= bytes.count - 2 else { return 0 }
        return UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8
    }

    func uint32(_ at: Int) -> UInt32 { UInt32(uint16(at)) | UInt32(uint16(at + 2)) << 16 }
}

/// Text of a file as messages show it.
enum ImportText {
    /// At most `limit` bytes, without control characters.
    static func shown(_ bytes: ArraySlice<UInt8>, limit: Int = 40) -> String {
        let text = String(decoding: bytes.prefix(limit), as: UTF8.self)
        let safe = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
        return bytes.count > limit ? safe + "..." : safe
    }
}
