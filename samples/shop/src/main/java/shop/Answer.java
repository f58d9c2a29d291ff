package shop;

/** An HTTP status and a body of JSON. */
record Answer(int status, String body) {}
