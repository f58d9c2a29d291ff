package lateen.services.dashboard;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Any mesh, by the addresses of its sidecars' metrics: {@code http://HOST:15090/stats/prometheus}. */
public final class ScrapedUrls implements MetricsSource {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final List<URI> urls;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(LIMIT).build();

    /** @param urls of Prometheus text, http or https */
    public ScrapedUrls(List<URI> urls) {
        this.urls = List.copyOf(urls);
        for (URI url : urls) {
            if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme())) || url.getHost() == null) {
                throw new IllegalArgumentException("scrape: '" + url
                        + "' (expected: http://HOST:PORT/PATH, as http://10.0.0.5:15090/stats/prometheus)");
            }
        }
    }

    @Override
    public String name() {
        return urls.size() == 1 ? "1 sidecar" : urls.size() + " sidecars";
    }

    @Override
    public Observation observe() throws InterruptedException {
        List<Page> pages = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Page>> asked =
                    urls.stream().map(url -> threads.submit(() -> page(url))).toList();
            for (Future<Page> one : asked) {
                pages.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return new Observation(pages, List.of());
    }

    private Page page(URI url) throws InterruptedException {
        String instance = url.getAuthority();
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(url).timeout(LIMIT).build(),
                    BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), PrometheusText.MAX_LENGTH));
            return response.statusCode() == 200
                    ? new Page.Read(instance, System.nanoTime(), response.body())
                    : new Page.Missing(instance, "status " + response.statusCode());
        } catch (HttpTimeoutException e) {
            return new Page.Missing(instance, "no answer within " + LIMIT.toSeconds() + " s");
        } catch (ConnectException e) {
            return new Page.Missing(instance, "connection refused");
        } catch (IOException e) {
            return new Page.Missing(instance, String.valueOf(e.getMessage()));
        }
    }
}
