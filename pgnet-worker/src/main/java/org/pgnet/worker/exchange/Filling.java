package org.pgnet.worker.exchange;

import java.nio.charset.Charset;
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

    /** Where secrets are put in: a value may be long, and stand in a hundred thousand places of a text. */
    private enum Place {
        /** All lines with secrets together. */
        LINES("the headers that have them are", StandardCharsets.UTF_8, 256 * 1024),
        /** What the call takes too. */
        URL("the URL is", StandardCharsets.UTF_8, Redirects.MAX_URL_BYTES),
        /** Each byte of a body is a character, and becomes the same byte. */
        FORM("the form is", StandardCharsets.ISO_8859_1, 1024 * 1024);

        final String isText;
        final Charset charset;
        final int mostBytes;

        Place(String isText, Charset charset, int mostBytes) {
            this.isText = isText;
            this.charset = charset;
            this.mostBytes = mostBytes;
        }

        boolean isEncoded() {
            return this != LINES;
        }

        void require(long bytes) throws RequestException {
            if (bytes > mostBytes) {
                throw new RequestException(
                        FailureKind.IMPOSSIBLE, "with its secrets " + isText + " longer than " + mostBytes + " bytes");
            }
        }
    }

    private final Secrets secrets;
    private final long owner;
    private final String origin;
    private final Instant now;
    /** Where the request goes, and where its header Host says that it does. */
    private final List<String> origins = new ArrayList<>(2);

    private final Map<String, Secrets.Answer> answers = new HashMap<>();
    /** How many values are put in. */
    private int values;
    /** How many bytes the lines have that have secrets. */
    private int linesBytes;

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

    private void sort(Template template, String text, List<String> open, List<Template> templates)
            throws RequestException {
        count(template);
        if (template.secrets().isEmpty()) {
            open.add(text);
        } else {
            templates.add(template);
        }
    }

    private void count(Template template) throws RequestException {
        values += template.parts().size() - 1;
        if (values > Template.MOST_SECRETS) {
            throw new RequestException(
                    FailureKind.IMPOSSIBLE, "it names secrets in more than " + Template.MOST_SECRETS + " places");
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
        SecretBytes line = filled(template, Place.LINES, linesBytes, opened);
        linesBytes += line.length();
        return new SecretParts.Line(name, line);
    }

    private Optional<SecretBytes> url(Template template, List<SecretBytes> opened) throws RequestException {
        count(template);
        return template.secrets().isEmpty() ? Optional.empty() : Optional.of(filled(template, Place.URL, 0, opened));
    }

    /** A form has secrets in its values; no other body has. */
    private Optional<SecretBytes> body(
            NativeBytes body, NamedSecrets named, List<String> lines, List<SecretBytes> opened)
            throws RequestException {
        if (named.inserted().isEmpty() || body.isEmpty() || lines.stream().noneMatch(Filling::saysForm)) {
            return Optional.empty();
        }
        Place.FORM.require(body.length());
        Template template = Template.of(new String(body.toByteArray(), Place.FORM.charset), named.inserted());
        count(template);
        return template.secrets().isEmpty() ? Optional.empty() : Optional.of(filled(template, Place.FORM, 0, opened));
    }

    /** A text with its secrets, behind so many bytes of the same place. */
    private SecretBytes filled(Template template, Place place, int before, List<SecretBytes> opened)
            throws RequestException {
        SecretBytes filled = open(opened);
        for (Template.Part part : template.parts()) {
            filled.put(part.text().getBytes(place.charset));
            if (part.secret().isPresent() && place.isEncoded()) {
                putEncoded(filled, value(part.secret().get()));
            } else if (part.secret().isPresent()) {
                filled.put(value(part.secret().get()));
            }
            place.require((long) before + filled.length());
        }
        return filled;
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
                        "secret \"" + name + "\" is not a signing key: whsec_ and 24 to 64 bytes in base64"));
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
