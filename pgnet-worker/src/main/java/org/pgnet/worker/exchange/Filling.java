package org.pgnet.worker.exchange;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pgnet.curl.CurlUrl;
import org.pgnet.curl.NativeBytes;
import org.pgnet.curl.SecretBytes;
import org.pgnet.curl.SecretParts;
import org.pgnet.worker.http.HeaderLines;
import org.pgnet.worker.http.RequestException;
import org.pgnet.worker.secrets.Signature;
import org.pgnet.worker.secrets.Template;
import org.pgnet.worker.spi.FailureKind;
import org.pgnet.worker.spi.NamedSecrets;
import org.pgnet.worker.spi.Secrets;

/** Puts the values of secrets into what one hop of a request sends, and signs it. Transfer thread. */
final class Filling implements AutoCloseable {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final String UNRESERVED = "-._~";
    private static final String FORM = "application/x-www-form-urlencoded";

    /** The longest URL that is sent, in bytes: what the call takes too. */
    private static final int MAX_URL_BYTES = Redirects.MAX_URL_BYTES;

    private final Secrets secrets;
    private final long owner;
    private final String origin;
    private final Instant now;
    /** Where the request goes, and where its header Host says that it does. */
    private final List<String> origins = new ArrayList<>(2);

    private final Map<String, Secrets.Answer> answers = new HashMap<>();

    /**
     * @param owner whose request it is
     * @param origin where the hop goes
     */
    Filling(Secrets secrets, long owner, String origin, Instant now) {
        this.secrets = secrets;
        this.owner = owner;
        this.origin = origin;
        this.now = now;
        origins.add(origin);
    }

    /** Whether headers of a rule need this. */
    static boolean concerns(List<String> linesOfRule) {
        for (String line : linesOfRule) {
            if (Template.isPossible(line)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is sent.
     *
     * @param named the secrets that the request names
     * @param url where it goes
     * @param lines those of the request
     * @param linesOfRule those of the host, for what it does not have
     * @param defaults those for what neither has
     * @param messageId by which a receiver of a signed request knows it
     * @throws RequestException when a secret cannot be put in
     */
    HopContent fill(
            NamedSecrets named,
            String url,
            List<String> lines,
            List<String> linesOfRule,
            List<String> defaults,
            NativeBytes body,
            String messageId)
            throws RequestException {
        List<SecretParts.Line> secretLines = new ArrayList<>();
        List<SecretBytes> opened = new ArrayList<>();
        boolean done = false;
        try {
            List<Template> templates = new ArrayList<>();
            List<String> open = new ArrayList<>();
            List<String> names = new ArrayList<>();
            lookAtHost(lines);
            lookAtHost(missing(lines, linesOfRule));
            for (String line : lines) {
                if (named.signWith().isEmpty() || !isOfSignature(line)) {
                    sort(Template.of(line, named.inserted()), line, open, templates);
                    names.add(line);
                }
            }
            for (String line : missing(names, linesOfRule)) {
                Template template = Template.ofRule(line);
                if (mayAdd(template)) {
                    sort(template, template.text(), open, templates);
                    names.add(line);
                }
            }
            open.addAll(missing(names, defaults));
            for (Template template : templates) {
                secretLines.add(line(template, opened));
            }
            Optional<SecretBytes> filledUrl = url(Template.of(CurlUrl.wire(url), named.inserted()), opened);
            Optional<SecretBytes> filledBody = body(body, named, lines, opened);
            NativeBytes sent = filledBody.map(SecretBytes::asBody).orElse(body);
            if (named.signWith().isPresent()) {
                open.addAll(signature(named.signWith().get(), messageId, sent));
            }
            done = true;
            return new HopContent(
                    open,
                    new SecretParts(filledUrl, secretLines),
                    sent,
                    filledBody.stream().toList());
        } finally {
            if (!done) {
                opened.forEach(SecretBytes::close);
            }
        }
    }

    /** Whether a secret may not be sent where the hop goes, or not by this owner. */
    boolean isRefused(String name) {
        Secrets.Verdict verdict = answer(name).verdict();
        return verdict == Secrets.Verdict.NOT_HIS || verdict == Secrets.Verdict.NOT_THERE;
    }

    private static void sort(Template template, String text, List<String> open, List<Template> templates) {
        if (template.secrets().isEmpty()) {
            open.add(text);
        } else {
            templates.add(template);
        }
    }

    private static List<String> missing(List<String> lines, List<String> others) {
        List<String> all = new ArrayList<>(lines);
        HeaderLines.addMissing(all, others);
        return all.subList(lines.size(), all.size());
    }

    /** A header of a rule is for those who may use its secrets, and for where they may be sent. */
    private boolean mayAdd(Template template) {
        return template.secrets().stream().noneMatch(this::isRefused);
    }

    private static boolean isOfSignature(String line) {
        return Signature.HEADERS.contains(name(line).toLowerCase(Locale.ROOT));
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(':'));
    }

    /** Servers that many share go by this header: a secret must be for the one that it names, too. */
    private void lookAtHost(List<String> lines) {
        for (String line : lines) {
            String value = line.substring(line.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT);
            if (name(line).equalsIgnoreCase("host") && !value.isEmpty()) {
                String port = origin.substring(origin.lastIndexOf(':'));
                boolean hasPort = value.lastIndexOf(':') > value.lastIndexOf(']');
                origins.add(origin.substring(0, origin.indexOf("://") + 3) + value + (hasPort ? "" : port));
            }
        }
    }

    private SecretParts.Line line(Template template, List<SecretBytes> opened) throws RequestException {
        String name = name(template.text());
        if (name.equalsIgnoreCase("host")) {
            throw new RequestException(FailureKind.REFUSED, "a secret cannot be in the header Host");
        }
        SecretBytes line = open(opened);
        for (Template.Part part : template.parts()) {
            line.put(part.text());
            if (part.secret().isPresent()) {
                line.put(value(part.secret().get()));
            }
        }
        return new SecretParts.Line(name, line);
    }

    private Optional<SecretBytes> url(Template template, List<SecretBytes> opened) throws RequestException {
        if (template.secrets().isEmpty()) {
            return Optional.empty();
        }
        SecretBytes url = open(opened);
        for (Template.Part part : template.parts()) {
            url.put(part.text());
            if (part.secret().isPresent()) {
                putEncoded(url, value(part.secret().get()));
            }
        }
        if (url.length() > MAX_URL_BYTES) {
            throw new RequestException(
                    FailureKind.IMPOSSIBLE, "with its secrets the URL is longer than " + MAX_URL_BYTES + " bytes");
        }
        return Optional.of(url);
    }

    /** A form has secrets in its values; no other body has. */
    private Optional<SecretBytes> body(
            NativeBytes body, NamedSecrets named, List<String> lines, List<SecretBytes> opened)
            throws RequestException {
        if (named.inserted().isEmpty() || body.isEmpty() || lines.stream().noneMatch(Filling::saysForm)) {
            return Optional.empty();
        }
        // Each byte is a character, and becomes the same byte.
        Template template = Template.of(new String(body.toByteArray(), StandardCharsets.ISO_8859_1), named.inserted());
        if (template.secrets().isEmpty()) {
            return Optional.empty();
        }
        SecretBytes filled = open(opened);
        for (Template.Part part : template.parts()) {
            filled.put(part.text().getBytes(StandardCharsets.ISO_8859_1));
            if (part.secret().isPresent()) {
                putEncoded(filled, value(part.secret().get()));
            }
        }
        return Optional.of(filled);
    }

    private static boolean saysForm(String line) {
        String lowerCase = line.toLowerCase(Locale.ROOT);
        return lowerCase.startsWith("content-type:")
                && lowerCase.substring("content-type:".length()).strip().startsWith(FORM);
    }

    private List<String> signature(String name, String messageId, NativeBytes body) throws RequestException {
        return Signature.lines(messageId, now, body, usable(name).keys())
                .orElseThrow(() -> new RequestException(
                        FailureKind.SECRET,
                        "secret \"" + name
                                + "\" is no key for signatures: that is whsec_ and 24 to 64 bytes in base64"));
    }

    private static SecretBytes open(List<SecretBytes> opened) {
        SecretBytes bytes = new SecretBytes();
        opened.add(bytes);
        return bytes;
    }

    /** As UTF-8, with all but the unreserved characters of RFC 3986 percent-encoded. */
    private static void putEncoded(SecretBytes out, SecretBytes value) {
        for (int i = 0; i < value.length(); i++) {
            byte b = value.at(i);
            boolean isUnreserved =
                    b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || UNRESERVED.indexOf(b) >= 0;
            if (isUnreserved) {
                out.put(b);
            } else {
                out.put((byte) '%');
                out.put((byte) HEX.toHighHexDigit(b));
                out.put((byte) HEX.toLowHexDigit(b));
            }
        }
    }

    private SecretBytes value(String name) throws RequestException {
        return usable(name).keys().get(0);
    }

    private Secrets.Answer usable(String name) throws RequestException {
        Secrets.Answer answer = answer(name);
        return switch (answer.verdict()) {
            case USABLE -> answer;
            case NOT_HIS ->
                throw new RequestException(FailureKind.REFUSED, "the role may not use secret \"" + name + "\"");
            case NOT_THERE ->
                throw new RequestException(FailureKind.REFUSED, "secret \"" + name + "\" may not be sent to this host");
            case UNAVAILABLE ->
                throw new RequestException(FailureKind.SECRET, "secret \"" + name + "\" " + answer.reason());
        };
    }

    private Secrets.Answer answer(String name) {
        return answers.computeIfAbsent(name, some -> secrets.find(some, owner, origins, now));
    }

    /** Overwrites what it was told. */
    @Override
    public void close() {
        answers.values().forEach(Secrets.Answer::close);
    }
}
