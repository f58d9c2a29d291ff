package lateen.services.authz;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks OPA's data API ({@code POST /v1/data/PATH}) over kept connections. Never blocks, never throws, and answers each
 * question within the timeout. Any thread.
 */
final class OpaClient implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 1 << 20;

    private final URI opa;
    private final URI question;
    private final String path;
    private final Duration timeout;
    private final int maxQuestions;
    private final Semaphore room;
    private final HttpClient http;

    OpaClient(AuthzSettings settings) {
        this.opa = settings.opa();
        this.question = settings.question();
        this.path = settings.path();
        this.timeout = settings.timeout();
        this.maxQuestions = settings.maxQuestions();
        this.room = new Semaphore(maxQuestions);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /** @param input a whole question */
    CompletableFuture<OpaAnswer> ask(String input) {
        if (!room.tryAcquire()) {
            return CompletableFuture.completedFuture(
                    failed(maxQuestions + " questions are being asked, more are not let in"));
        }
        HttpRequest request = HttpRequest.newBuilder(question)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(input, StandardCharsets.UTF_8))
                .build();
        CompletableFuture<HttpResponse<String>> exchange = http.sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_ANSWER_BYTES));
        // The request's own timeout would end with the answer's head: this one covers the body as well.
        return exchange.copy()
                .orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .handle((response, error) -> {
                    if (error != null) {
                        exchange.cancel(true);
                    }
                    room.release();
                    return response != null ? read(response) : failed(plainly(error));
                });
    }

    private OpaAnswer read(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            return failed("status " + response.statusCode() + message(response.body()));
        }
        Optional<JsonElement> body = Json.read(response.body());
        if (body.isEmpty() || !body.get().isJsonObject()) {
            return failed("its answer is not a JSON object");
        }
        JsonElement result = body.get().getAsJsonObject().get("result");
        if (result == null) {
            return new OpaAnswer.Undefined(path);
        }
        return switch (DecisionReader.read(result)) {
            case DecisionReader.Result.Read(Decision decision) -> new OpaAnswer.Decided(decision);
            case DecisionReader.Result.Unusable(String reason) -> failed(reason);
        };
    }

    /** OPA's own words, as far as they are short and printable. */
    private static String message(String body) {
        return Json.read(body)
                .filter(JsonElement::isJsonObject)
                .map(object -> object.getAsJsonObject().get("message"))
                .filter(value -> value.isJsonPrimitive() && value.getAsString().length() < 200)
                .map(value -> ": " + Printable.of(value.getAsString()))
                .orElse("");
    }

    private OpaAnswer failed(String reason) {
        return new OpaAnswer.Failed("OPA at " + opa + ": " + reason);
    }

    private String plainly(@Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return switch (cause) {
            case TimeoutException _ -> "no answer within " + timeout.toMillis() + " ms";
            case HttpTimeoutException _ -> "no answer within " + timeout.toMillis() + " ms";
            case ConnectException e when caused(e, UnresolvedAddressException.class) -> "unknown host";
            case ConnectException _ -> "connection refused";
            case IOException e
            when String.valueOf(e.getMessage()).contains("exceeds capacity") ->
                "its answer is longer than " + MAX_ANSWER_BYTES + " bytes";
            case IOException e -> "the connection broke: " + Printable.of(String.valueOf(e.getMessage()));
            case null -> "no answer";
            default -> Printable.of(cause.toString());
        };
    }

    private static boolean caused(Throwable error, Class<? extends Throwable> by) {
        for (Throwable one = error; one != null; one = one.getCause()) {
            if (by.isInstance(one)) {
                return true;
            }
        }
        return false;
    }

    /** Ends what is still being asked; each of these is answered as failed. */
    @Override
    public void close() {
        http.shutdownNow();
    }
}
