"""Who sent this? HTTP signatures, in and out: pure functions of a message, a key and a time.

Nothing here opens a connection, asks a database or looks at a clock: the caller brings the key and the time.

    message.py         the HTTP request as a value
    cavage.py          draft-cavage-http-signatures-12: read the Signature header, sign a request
    rfc9421.py         RFC 9421, its successor: read the two headers, sign a request
    forms.py           which of the two a host understands
    signing_string.py  the bytes that are signed, built by the httpsig library
    httpsig_alone.py   that one function of it, loaded with the first signature
    digest.py          the Digest header: the body's part in the signature
    http_date.py       the Date header: the time's part in the signature
    keys.py            RSA and Ed25519 keys: make, write, read, refuse the weak
    verify.py          is it believed? parse (no key needed), check (with the key), verify (both)
    rules.py           what every signature is held to; cavage_rules.py and rfc9421_rules.py say it in the words of each
    results.py         what came of it: Verified, or Rejected with a reason and a status
"""
