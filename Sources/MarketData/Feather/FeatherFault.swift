/// What is wrong inside a Feather file; `FeatherTable` adds the file's name and makes a `MarketDataError` of it.
struct FeatherFault: Error {
    var kind: MarketDataError.Kind
    var problem: String
    var remedy: String?

    static func damaged(_ problem: String) -> FeatherFault {
        FeatherFault(
            kind: .damaged, problem: "damaged Feather file: " + problem,
            remedy: "Download or import the candles again, or remove the file")
    }

    static func unsupported(_ problem: String, remedy: String? = nil) -> FeatherFault {
        FeatherFault(kind: .unsupported, problem: problem, remedy: remedy)
    }

    static func content(_ problem: String, remedy: String? = nil) -> FeatherFault {
        FeatherFault(kind: .content, problem: problem, remedy: remedy)
    }

    static func tooLarge(_ problem: String) -> FeatherFault {
        FeatherFault(kind: .tooLarge, problem: problem, remedy: nil)
    }

    func inFile(_ file: String) -> MarketDataError {
        MarketDataError(kind, file: file, problem, remedy: remedy)
    }
}

/// What a reader accepts before it allocates: the guard against files that claim absurd sizes.
package struct FeatherLimits: Hashable, Sendable {
    /// Rows of a table. The default holds 60 years of one-minute candles.
    package var rows = 32_000_000
    /// Columns, nested ones included.
    package var columns = 4096
    /// Record batches and dictionaries.
    package var batches = 65_536
    /// Bytes of one decompressed buffer.
    package var bufferBytes = 512 << 20
    /// Bytes of all texts of one column.
    package var textBytes = 256 << 20

    /// The defaults.
    package init() {}
}
