import Foundation

// The entry of libFuzzer over everything that reads bytes of a venue, and of a client of the paper exchange.
// Built by `deploy/fuzz` only; no target of Package.swift.

/// One way to read hostile bytes. The first byte of an input chooses it, the rest is what it reads.
struct FuzzCase: Sendable {
    var name: String
    /// Inputs of our own making that it might read; those that it does read are where the fuzzer begins.
    var seeds: [[UInt8]]
    /// Whether the bytes were read and not refused.
    var read: @Sendable ([UInt8]) -> Bool

    init(_ name: String, seeds: [[UInt8]], read: @escaping @Sendable ([UInt8]) -> Bool) {
        self.name = name
        self.seeds = seeds
        self.read = read
    }
}

/// The order is part of the inputs: new ones belong at the end.
let fuzzCases: [FuzzCase] = jsonCases + venueCases + sessionCases + paperCases

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name that SwiftPM gives to the `main` of this executable. With `PRAGMA_FUZZ_SEEDS` in the environment the inputs to
/// begin with are written into that folder instead.
@_cdecl("VenueFuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    if let folder = ProcessInfo.processInfo.environment["PRAGMA_FUZZ_SEEDS"] { return writeSeeds(into: folder) }
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzzOne)
}

/// One input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    guard let first = bytes.first else { return 0 }
    _ = fuzzCases[Int(first) % fuzzCases.count].read(Array(bytes.dropFirst()))
    return 0
}

/// Every case has to read one of its seeds at least: otherwise the fuzzer would never get behind its first check.
private func writeSeeds(into folder: String) -> CInt {
    precondition(fuzzCases.count <= 256, "one byte chooses among \(fuzzCases.count) cases")
    var written = 0
    for (number, fuzzCase) in fuzzCases.enumerated() {
        let taken = fuzzCase.seeds.filter(fuzzCase.read)
        guard !taken.isEmpty else {
            print("no seed is read by case \(number), \(fuzzCase.name)")
            return 1
        }
        for (place, seed) in taken.enumerated() {
            let path = "\(folder)/case-\(number)-\(place)"
            guard FileManager.default.createFile(atPath: path, contents: Data([UInt8(number)] + seed)) else {
                print("cannot write \(path)")
                return 1
            }
            written += 1
        }
    }
    print("\(fuzzCases.count) cases, \(written) inputs to begin with")
    return 0
}
