package lateen.identity;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Textual encoding of certificates, requests and keys (RFC 7468).
 *
 * <p>Text between blocks is ignored, as section 2 of the RFC asks. Errors never contain what is inside a block.
 */
public final class Pem {
    /** Longest text read, in characters. */
    public static final int MAX_TEXT = 1 << 20;

    /** Most blocks in one text. */
    public static final int MAX_BLOCKS = 256;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private Pem() {}

    /**
     * All certificates of a text, in its order; other blocks are an error.
     *
     * @throws IllegalArgumentException on a text without a certificate, over a limit, or malformed
     */
    public static List<X509Certificate> certificates(String text) {
        List<X509Certificate> found = new ArrayList<>();
        for (Block block : blocks(text)) {
            found.add(certificate(block.bytes("CERTIFICATE")));
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("PEM: no certificate found (expected: " + BEGIN + "CERTIFICATE-----)");
        }
        return List.copyOf(found);
    }

    /**
     * The one private key of a text, EC or RSA: PKCS#8, or the older forms of each (RFC 5915, RFC 8017 appendix A.1.2).
     * Blocks of {@code EC PARAMETERS} beside it say nothing that the key does not.
     *
     * @throws IllegalArgumentException if there is not exactly one such key
     */
    public static PrivateKey privateKey(String text) {
        byte[] der = KeyForms.pkcs8(only(blocks(text).stream()
                .filter(block -> !block.label().equals("EC PARAMETERS"))
                .toList()));
        for (String algorithm : new String[] {"EC", "RSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException notThisKind) {
                // The key itself says which kind it is only inside its DER; the next kind is tried.
            }
        }
        throw new IllegalArgumentException("PEM: PRIVATE KEY cannot be read (expected: PKCS#8, EC or RSA)");
    }

    /**
     * The DER of the one certificate request of a text; what is inside is not looked at.
     *
     * @throws IllegalArgumentException if there is not exactly one
     */
    public static byte[] certificateRequest(String text) {
        return only(text).bytes("CERTIFICATE REQUEST");
    }

    /** One certificate, with a line feed at its end. */
    public static String encode(X509Certificate certificate) {
        try {
            return encode("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("certificate that cannot be encoded", e);
        }
    }

    /** Certificates one after the other. */
    public static String encode(List<X509Certificate> certificates) {
        StringBuilder out = new StringBuilder();
        certificates.forEach(each -> out.append(encode(each)));
        return out.toString();
    }

    /** A key as PKCS#8. The caller keeps the text from logs and from other users' eyes. */
    public static String encode(PrivateKey key) {
        return encode("PRIVATE KEY", key.getEncoded());
    }

    static String encode(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return BEGIN + label + DASHES + "\n" + body + "\n" + END + label + DASHES + "\n";
    }

    static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("PEM: CERTIFICATE of " + der.length + " bytes is not X.509", e);
        }
    }

    private static Block only(String text) {
        return only(blocks(text));
    }

    private static Block only(List<Block> blocks) {
        if (blocks.size() != 1) {
            throw new IllegalArgumentException("PEM: " + blocks.size() + " blocks (expected: one)");
        }
        return blocks.getFirst();
    }

    private static List<Block> blocks(String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "PEM: " + text.length() + " characters (expected: at most " + MAX_TEXT + ")");
        }
        List<Block> found = new ArrayList<>();
        int at = text.indexOf(BEGIN);
        while (at >= 0) {
            if (found.size() == MAX_BLOCKS) {
                throw new IllegalArgumentException("PEM: more than " + MAX_BLOCKS + " blocks");
            }
            int labelAt = at + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelAt);
            if (labelEnd < 0 || labelEnd - labelAt > 64) {
                throw new IllegalArgumentException("PEM: a BEGIN line without its closing dashes");
            }
            String label = text.substring(labelAt, labelEnd);
            String closing = END + label + DASHES;
            int end = text.indexOf(closing, labelEnd);
            if (end < 0) {
                throw new IllegalArgumentException("PEM: block " + printable(label) + " has no END line");
            }
            found.add(new Block(label, text.substring(labelEnd + DASHES.length(), end)));
            at = text.indexOf(BEGIN, end + closing.length());
        }
        return found;
    }

    /** A label as RFC 7468 has them; anything else may be a secret that came to the wrong place. */
    private static String printable(String label) {
        return label.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == ' ')
                ? Quoted.of(label)
                : "with a label of " + label.length() + " characters";
    }

    record Block(String label, String body) {
        byte[] bytes(String expectedLabel) {
            if (!label.equals(expectedLabel)) {
                throw new IllegalArgumentException(
                        "PEM: block " + printable(label) + " (expected: \"" + expectedLabel + "\")");
            }
            try {
                return Base64.getDecoder().decode(body.replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                // The decoder's message quotes a character of the body, which may be a key.
                throw new IllegalArgumentException("PEM: block \"" + label + "\" is not base64");
            }
        }

        @Override
        public String toString() {
            return "PEM block " + label;
        }
    }
}
