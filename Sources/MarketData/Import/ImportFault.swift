/// What is wrong inside a file that is to be imported; whoever knows the file's name makes a `MarketDataError` of it.
struct ImportFault: Error, Hashable {
    var kind: MarketDataError.Kind
    var problem: String
    var remedy: String?

    static func damaged(_ problem: String) -> ImportFault {
        ImportFault(kind: .damaged, problem: problem, remedy: "Download the file again")
    }

    static func unsupported(_ problem: String, remedy: String? = nil) -> ImportFault {
        ImportFault(kind: .unsupported, problem: problem, remedy: remedy)
    }

    static func content(_ problem: String, remedy: String? = nil) -> ImportFault {
        ImportFault(kind: .content, problem: problem, remedy: remedy)
    }

    static func tooLarge(_ problem: String) -> ImportFault { ImportFault(kind: .tooLarge, problem: problem, remedy: nil) }

    func inFile(_ file: String) -> MarketDataError { MarketDataError(kind, file: file, problem, remedy: remedy) }
}

/// What an import accepts: the guard against files that would fill the memory.
package struct ImportLimits: Hashable, Sendable {
    /// Bytes of a file as it lies there.
    package var fileBytes = 2 << 30
    /// Bytes that come out of one compressed file.
    package var inflatedBytes = 3 << 30
    /// How many times larger than its file the content may be, where it is larger than `ratioFreeBytes`. Candles come to
    /// 20; ones that never change their price to 100.
    package var inflationRatio = 300
    /// Content up to this size is never refused for its ratio.
    package var ratioFreeBytes = 16 << 20
    /// Rows of one file.
    package var rows = FeatherLimits().rows
    /// Entries of a zip archive.
    package var zipEntries = 10_000
    /// Bytes of a line of text.
    package var lineBytes = 65_536
    /// Files of one import.
    package var files = 200_000

    /// The defaults.
    package init() {}
}
