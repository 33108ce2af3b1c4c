import Testing

@testable import Binance
