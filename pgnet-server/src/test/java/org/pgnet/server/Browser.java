package org.pgnet.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.pgnet.testkit.machine.Eventually;

/** Debian's Chromium without a window. Tests are skipped, and say so, where it is not installed. */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration WITHIN = Duration.ofSeconds(20);

    private final ChromeDriver driver;

    Browser() {
        assumeTrue(
                Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
                "no browser here: install Debian's packages chromium and chromium-driver");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toString());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-proxy-server",
                "--hide-scrollbars",
                "--lang=en-US");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .withEnvironment(Map.of("TZ", "UTC"))
                .build();
        driver = new ChromeDriver(service, options);
        size(1280, 860);
    }

    void size(int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    void scheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void open(String url) {
        driver.get(url);
    }

    /** The path and query of the page. */
    String address() {
        return driver.getCurrentUrl().replaceFirst("^[a-z]+://[^/]*", "");
    }

    /** As somebody who was not here before. */
    void logIn(Ui ui, String role) {
        open("about:blank");
        driver.executeCdpCommand("Network.clearBrowserCookies", Map.of());
        open(ui.url("/login"));
        type("#role", role);
        type("#password", "any");
        click("button[type=submit]");
        await(".who .role", role);
    }

    /**
     * All text of the first element that the selector finds. An element that the page replaces between the two is
     * looked for again: the driver has several errors for that, not all of them {@code StaleElementReferenceException}.
     */
    String text(String selector) {
        return Eventually.get(selector, WITHIN, () -> {
            try {
                return driver.findElements(By.cssSelector(selector)).stream()
                        .findFirst()
                        .map(WebElement::getText);
            } catch (WebDriverException replaced) {
                return Optional.empty();
            }
        });
    }

    /** Waits until an element has a text in it. */
    void await(String selector, String text) {
        await(selector, text, WITHIN);
    }

    void await(String selector, String text, Duration within) {
        try {
            Eventually.until(
                    text + " in " + selector, within, () -> text(selector).contains(text));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; there is: " + text("body"), e);
        }
    }

    boolean has(String selector) {
        return !driver.findElements(By.cssSelector(selector)).isEmpty();
    }

    long count(String selector) {
        return driver.findElements(By.cssSelector(selector)).size();
    }

    void click(String selector) {
        Eventually.until("click on " + selector, WITHIN, () -> {
            try {
                List<WebElement> found = driver.findElements(By.cssSelector(selector));
                if (found.isEmpty() || !found.get(0).isDisplayed()) {
                    return false;
                }
                found.get(0).click();
                return true;
            } catch (WebDriverException replacedOrMoved) {
                return false;
            }
        });
    }

    void type(String selector, String text) {
        Eventually.until("type into " + selector, WITHIN, () -> {
            try {
                Optional<WebElement> field = driver.findElements(By.cssSelector(selector)).stream()
                        .filter(WebElement::isDisplayed)
                        .findFirst();
                field.ifPresent(WebElement::clear);
                field.ifPresent(shown -> shown.sendKeys(text));
                return field.isPresent();
            } catch (WebDriverException replaced) {
                return false;
            }
        });
    }

    void submit(String selector) {
        driver.findElement(By.cssSelector(selector)).sendKeys(Keys.ENTER);
    }

    /** Keys for the page, not for a field. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    Object run(String script) {
        return driver.executeScript(script);
    }

    /** What the browser complained of: scripts that fail, and what the security policy refused. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** A picture of the page as it is, as high as it is. */
    void picture(Path file, int width) throws IOException, InterruptedException {
        size(width, 600);
        long height = (Long) run("return Math.ceil(document.documentElement.scrollHeight)");
        size(width, (int) Math.min(Math.max(height, 400), 1_600));
        // The curves follow the width.
        Thread.sleep(300);
        Files.createDirectories(file.getParent());
        Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
