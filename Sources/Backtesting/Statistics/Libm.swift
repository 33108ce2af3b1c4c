#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The few functions of the C mathematics library that statistics need; its last bit may differ between systems.
enum Libm {
    /// `base` to the power of `exponent`.
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    /// The natural logarithm.
    static func logarithm(_ value: Double) -> Double { log(value) }

    /// e to the power of `value`.
    static func exponential(_ value: Double) -> Double { exp(value) }
}
