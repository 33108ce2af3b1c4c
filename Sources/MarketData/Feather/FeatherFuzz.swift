/// Entry points for fuzzers and mutation tests.
package enum FeatherFuzz {
    /// Reads everything that `bytes` claims to hold as a Feather file; returns how many columns could be decoded.
    ///
    /// Whatever the bytes, this returns: errors are swallowed, a trap or a huge allocation is a defect.
    package static func readAll(_ bytes: UnsafeRawBufferPointer, limits: FeatherLimits = FeatherLimits()) -> Int {
        guard let table = try? FeatherTable(FileBytes(copying: bytes), file: "fuzz", limits: limits) else { return 0 }
        var decoded = 0
        for (name, _) in table.columns.prefix(64) {
            if (try? table.doubles(name)) != nil { decoded += 1 }
            if (try? table.integers(name)) != nil { decoded += 1 }
            if (try? table.milliseconds(name)) != nil { decoded += 1 }
            if (try? table.texts(name)) != nil { decoded += 1 }
            if (try? table.bools(name)) != nil { decoded += 1 }
        }
        if (try? table.candles()) != nil { decoded += 1 }
        _ = FeatherPeek.isUncompressed(bytes)
        return decoded
    }
}
