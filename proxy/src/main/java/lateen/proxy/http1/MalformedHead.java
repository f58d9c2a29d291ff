package lateen.proxy.http1;

/** Why a head or trailer section that came over HTTP/2 is malformed: a stream error. RFC 9113 sections 8.1 to 8.3. */
public enum MalformedHead {
    /** Not a lower-case token. Section 8.2.1. */
    BAD_NAME,
    /** A control character in a value. Section 8.2.1. */
    BAD_VALUE,
    /** Connection, Keep-Alive, Proxy-Connection, Transfer-Encoding or Upgrade. Section 8.2.2. */
    CONNECTION_HEADER,
    /** TE with anything but {@code trailers}. Section 8.2.2. */
    BAD_TE,
    /** After a regular field, or in trailers. Section 8.3. */
    MISPLACED_PSEUDO,
    REPEATED_PSEUDO,
    /** Undefined, or not for this kind of message, or {@code :protocol} that was not granted. */
    UNKNOWN_PSEUDO,
    MISSING_PSEUDO,
    /** Not a token. */
    BAD_METHOD,
    /** Neither http nor https. */
    BAD_SCHEME,
    /** Empty, or not in origin form, or {@code *} without OPTIONS; the same bytes as in HTTP/1.1. Section 8.3.1. */
    BAD_PATH,
    /** No {@code host [":" port]}; in CONNECT no {@code host ":" port}. Sections 8.3.1 and 8.5. */
    BAD_AUTHORITY,
    /** Neither {@code :authority} nor Host. */
    MISSING_AUTHORITY,
    /** A Host that says something else than {@code :authority}, or a second one. */
    HOST_DIFFERS,
    /** Not three digits from 100 on, or 101. Sections 8.3.2 and 8.6. */
    BAD_STATUS,
    /** Not a single decimal number up to 2^63-1. */
    BAD_CONTENT_LENGTH,
    /** A message that goes on after an interim response that ended it, or trailers that end nothing. Section 8.1. */
    BAD_SEQUENCE
}
