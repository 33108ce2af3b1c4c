#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What correlations need of the C mathematics library; its last bit may differ between systems.
enum Libm {
    /// The natural logarithm.
    static func logarithm(_ value: Double) -> Double { log(value) }
}
