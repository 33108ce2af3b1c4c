/// Keys made for these tests alone, and what OpenSSL 3 signs with them.
enum TestKeys {
    static let message = "symbol=BTCUSDT&side=SELL&timestamp=1668481559918&recvWindow=5000"

    static let hmac = "abcdefghijklmnopqrstuvwxyz0123456789"
    static let hmacSignature = "f2acaccfa5318f5f346d9a359f9ff13a195d9104ef9c6ebee49fad8f1cc25a40"

    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINlszYYKJiherOYELiYlRxxk8BOhxbCWU1bSR8Wk2GAi
        -----END PRIVATE KEY-----
        """
    static let ed25519Signature =
        "DyrNfUaroVD9Uckpwu+Rzs/XIThSLB3Q8g5PV2ZFbidrIIXdzfRUFpAoHstFYncgRM4qxJQPiWdCajPGuhrCAQ=="

    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7C4ekK18yzHeB
        dPEpfAxTiNZxa23l+56dFF7dQblGI1lgxEEHUzSSPabRRxKIQ+3jWVv3/12eCLwt
        m5LQWOYSAZbfUGv455OiqfdTKonnJJ2LP0pvoCCjLTH8hQPFOLEDT8+MR7NksGwe
        Qx56zSfHA6rsWfQDoEUNClFubMVZTkZEbTSHH/BMaRBf95xpb+/cueBHDbV1zxjs
        XXL9l6IvLTRw3pLFhPIvtn8nPIFusbxjn/iqrzjHSHzsiXw1VIbmrYAX/TVD0OXa
        sszSDlvmGI3+usLkk7vm8JjUHPgTbC/ENlsWLqB4I46bTZxbaZccvJ77EIY2GMrG
        m++ohsQ9AgMBAAECggEAKNT9xaw1Mkb6ALAJdHuwyiyZWbWwzk+1YsefZPAz1Lij
        SpFVO9bhZ1pfmBiKlmYz4Jlxjww3gOgZwmAPtv1tLjmcGMB67aGKNGyjwgtLgwLW
        hJ8qrf8YGN8lJiHYfp2fYOBzp8VAR4cO9zVCSl8OY67siX+imgcLA+uAdtl2ZIXn
        HKmljU2/gNmQOJ1uq5Eg28W99IYD5wI3X8l/MV2iwoLTPHiCNzE6klsBpe33vRZP
        TrjG9k6ht/z9esuUSCd1yB2KYCI/qhm7NBOV572hk9eXK16MjhHC7m5w2FkU6lqE
        hnWaKQiRcwWC/tyuRhCpni14Yms7LYn47nvn/7DkqQKBgQDcew5f56yXrq1gO/ew
        vDHMlbgZb6+/QLirbPiX0msx83snrazjyZWhEXv7kMPa+OvIWTVdcWApinxSjVPu
        LtoASXNeysCEPLAmqKXYBCbhfGF89JcWuWeUJy4z6oUtHJ6oUSkT1tijhHqLO155
        ZexwBlcj4rxp+mVnDitDUlK1JQKBgQDZLYn34z1h4iA/xQ/quncbqTJRcNUcx/vB
        Poy4FOdN1aDr1BFgr9WJTXmxJEWdUeQh//3qwVI+fzgwqAtUMFhuPd20fwmQY1ca
        MnYirqlHU7mrfUf1LntLXg2orM88bvADKFf1tUTUEVL4pAwxg/fdM/bOt/E8uAFY
        ADt8D/kDOQKBgGUf/+DXFt9fW+AWwS2Ls9+dEBqCkn5LBiiCS6b++PGpNmRlkTXN
        INcGePJSXLKTlzmGSSa5uJx1Cz6l2cgWLyEQj1z76777QuQIWECy7s5fSSuR17ax
        hSN7sQJY34poZRDYYNnbofOl8LrpmRRfPknHbrJj7X1CPr48znULTioNAoGBAIjc
        XdnNZl1M9y24rfMqVu0jjwYrqOFeVZTOKjfHVIyEV8jF972KkXLZVBsB1KzzcmTK
        weUytvWTjoF7JMiFPvUaH6EjfY90SuvDaRcqIptEc/lSFgq4pBI2zzzAykg3USFs
        RyIcfad202bFWrnJhGXt3VcgK/Irsw0V+GaSWkZhAoGAH1ZRoHl5OXTyJkDKRjHB
        z9xHzeaoyokmTQGr4k78HtSsSV5+MvUtImWoW4p8SxZS+sx4QNdn357qLuC8Qbph
        WZVHOfy4Ha63aIX8eokkwH/6haQi3pRs7TofyYbA+aveoqPvy8ZKk9aC2M1wn79E
        R8KeR4Cx3NSoNZo2N8/gS0E=
        -----END PRIVATE KEY-----
        """
    static let rsaSignature = """
        aa2J80UI7YaAFTwQui8wuMoJcUNHSJJ/5nQ7NmWau0wFojrf7A57brJBBTfa9uibkOsGXs1iW+ZFjHM902Hhc8v3+36HMAhAExZp\
        Kkot6KDCUkDv1WMmU1LGoBzKIH4Arca9YV1UEXKzL2zf27aZKyG9+z+w/J9cWfzAMa9J8OQR6qSGNU/QBL0zXTFvBaZ2SDPpBjpb\
        rn6TT9+prM8LBGlYMUCexpWMgsESxB21COdW0FwqKpNbrL3pGt7ISRivKE3eQBBrwXNzQHHQBFWtosLaFmGAKyGXc1Pp/Mn3GC1f\
        7Vm6alk4rwuIMT+XHHPjsRjQMvTrAeaECryAoyC+Tg==
        """
}
