package shop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The client side of one hop: plain HTTP/1.1, connections kept, two seconds to connect, five for the answer. */
final class NextService {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final HostPort address;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    NextService(HostPort address) {
        this.address = address;
    }

    /** Never throws for what the other side does: no answer is status 503 with the reason. */
    Answer get(String path, String requestId) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + address.authority() + path))
                .timeout(ANSWER)
                .GET();
        if (requestId != null) {
            request.header(HttpService.REQUEST_ID, requestId);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String body = response.body().strip();
            return response.statusCode() == 200
                    ? new Answer(200, body)
                    : new Answer(
                            response.statusCode(), address.host() + " answered " + response.statusCode() + ": " + body);
        } catch (IOException e) {
            return new Answer(503, address.host() + " did not answer: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(503, address.host() + ": interrupted");
        }
    }
}
