import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.Executors;

/** Answers with its text and, if it has a next service, with that one's answer too: java Hello.java PORT TEXT [URL]. */
class Hello {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(args[0])), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String text = args[1];
            int status = 200;
            if (args.length > 2) {
                try {
                    var next = client.send(HttpRequest.newBuilder(URI.create(args[2])).build(), BodyHandlers.ofString());
                    text += " " + next.body().strip();
                    status = next.statusCode();
                } catch (Exception e) {
                    text += " " + e;
                    status = 502;
                }
            }
            byte[] body = (text + "\n").getBytes();
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
